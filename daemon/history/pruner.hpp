// Keeps the file of the history within its age and size. Rounds become 5-minute and then hourly sums, sums go next, and
// changes and outages last. Each call does a little, so that none takes long.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/history/records.hpp"
#include "daemon/history/sqlite.hpp"

namespace whylink::daemon {

class HistoryPruner {
  public:
    explicit HistoryPruner(sql::Database& database);

    /// What follows finds the disk full there.
    void set_max_size(std::uint64_t max_size);
    /// Within a transaction that has written `written` rounds, those of every target that it has any of.
    void prune(std::size_t written, std::chrono::milliseconds max_age, HistoryTime now);
    /// Outside of a transaction, for a file at its wall: what was written before `max_size` became smaller, say, or more
    /// at once than there was room for. Takes seconds where much has to go.
    void make_room(HistoryTime now);

    /// Names of targets that the last of these has forgotten: nothing is kept of them, and their ids may be given again.
    std::vector<std::string> take_forgotten() { return std::exchange(forgotten_, {}); }
    /// Of the outages that the last of these has dropped. Theirs alone once the transaction is committed.
    std::vector<std::string> take_dropped_evidence() { return std::exchange(dropped_evidence_, {}); }

  private:
    void set_wall(std::int64_t pages);
    std::int64_t used_pages();
    bool is_past(std::int64_t hundredths);
    /// `which` gives those that it drops.
    void drop_outages(sql::Statement& which);
    // The last of at most so many that are older than `before`; 0 where none is.
    std::int64_t oldest_rounds(std::int64_t before, std::int64_t most);
    std::int64_t oldest_buckets(std::int64_t before, std::int64_t most);
    // Of all up to that one.
    void fold_rounds(std::int64_t last);
    void fold_buckets(std::int64_t last);
    // False where there is nothing older than `before`, or nothing to be gained.
    bool shrink_rounds(std::int64_t before, std::int64_t most);
    bool shrink_buckets(std::int64_t before, std::int64_t most);
    bool drop_hours(std::int64_t before, std::int64_t most);
    bool drop_oldest(std::int64_t most);
    struct Ages;
    /// As long as more than `mark` is used; false where there is nothing to give.
    bool give(std::int64_t mark, const Ages& before, std::int64_t most);
    struct Marks;
    static const Marks while_written;
    static const Marks when_full;
    void make_room(const Marks& marks, std::int64_t most, std::int64_t now);
    /// Of those that were last told of before `before`.
    void forget_targets(std::int64_t before, std::int64_t now);

    sql::Database& database_;
    sql::Statement page_count_;
    sql::Statement free_pages_;
    sql::Statement oldest_rounds_;
    sql::Statement sum_rounds_;
    sql::Statement drop_rounds_;
    sql::Statement oldest_buckets_;
    sql::Statement sum_buckets_;
    sql::Statement drop_buckets_;
    sql::Statement sums_of_rounds_;
    sql::Statement rounds_until_;
    sql::Statement sums_of_buckets_;
    sql::Statement buckets_until_;
    sql::Statement drop_hours_;
    sql::Statement drop_changes_;
    sql::Statement drop_outages_;
    sql::Statement drop_oldest_outages_;
    sql::Statement drop_evidence_;
    sql::Statement naming_outages_;
    sql::Statement without_changes_;
    sql::Statement newest_rounds_;
    sql::Statement buckets_;
    sql::Statement forget_target_;
    sql::Statement forget_traits_;
    std::int64_t max_pages_ = 0;
    std::int64_t looked_for_forgotten_ = 0;
    std::vector<std::string> forgotten_;
    std::vector<std::string> dropped_evidence_;
};

}  // namespace whylink::daemon
