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
    /// Within a transaction that has written `written` rounds.
    void prune(std::size_t written, std::chrono::milliseconds max_age, HistoryTime now);

    /// Of the outages that prune() has dropped since the last call. Theirs alone once the transaction is committed.
    std::vector<std::string> take_dropped_evidence() { return std::exchange(dropped_evidence_, {}); }

  private:
    bool is_tight();
    void drop_outages(std::int64_t before);
    // What is older than `before`: 0 where nothing is.
    std::int64_t fold_rounds(std::int64_t before, std::int64_t most);
    std::int64_t fold_buckets(std::int64_t before, std::int64_t most);
    /// Not 0: there was something to drop.
    std::int64_t drop_hours(std::int64_t before, std::int64_t most);
    void make_room(std::int64_t most, std::int64_t now);

    sql::Database& database_;
    sql::Statement page_count_;
    sql::Statement free_pages_;
    sql::Statement oldest_rounds_;
    sql::Statement sum_rounds_;
    sql::Statement drop_rounds_;
    sql::Statement oldest_buckets_;
    sql::Statement sum_buckets_;
    sql::Statement drop_buckets_;
    sql::Statement drop_hours_;
    sql::Statement drop_changes_;
    sql::Statement drop_outages_;
    sql::Statement drop_evidence_;
    sql::Statement naming_outages_;
    std::int64_t max_pages_ = 0;
    std::vector<std::string> dropped_evidence_;
};

}  // namespace whylink::daemon
