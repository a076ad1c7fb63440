#include "daemon/history/pruner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "daemon/history/times.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

/// How long rounds, and then 5-minute sums, are kept as they are where there is room.
constexpr auto rounds_age = 24h;
constexpr auto buckets_age = 14 * 24h;
constexpr std::int64_t least_at_once = 200;
/// For the journal beside the file (journal_size_limit, and what one transaction writes).
constexpr std::uint64_t journal_size = 8ULL << 20;
constexpr std::int64_t everything = std::numeric_limits<std::int64_t>::max();

constexpr auto sum_rounds = R"(
INSERT INTO bucket
SELECT 300000, at - at % 300000, target, count(*), sum(passed), sum(took), max(took)
FROM round WHERE id <= ?1 AND passed IS NOT NULL GROUP BY 2, 3
ON CONFLICT DO UPDATE SET rounds = rounds + excluded.rounds, passed = passed + excluded.passed,
  took_sum = took_sum + excluded.took_sum, took_max = max(took_max, excluded.took_max))";

constexpr auto sum_buckets = R"(
INSERT INTO bucket
SELECT 3600000, begin - begin % 3600000, target, sum(rounds), sum(passed), sum(took_sum), max(took_max)
FROM bucket WHERE period = 300000 AND begin <= ?1 GROUP BY 2, 3
ON CONFLICT DO UPDATE SET rounds = rounds + excluded.rounds, passed = passed + excluded.passed,
  took_sum = took_sum + excluded.took_sum, took_max = max(took_max, excluded.took_max))";

std::int64_t number_of(sql::Statement& statement) {
    if (!statement.next()) {
        return 0;  // a further next() would begin again, without what was bound
    }
    const std::int64_t number = statement.number(0);
    statement.run();
    return number;
}

}  // namespace

HistoryPruner::HistoryPruner(sql::Database& database)
    : database_(database),
      page_count_(database, "PRAGMA page_count"),
      free_pages_(database, "PRAGMA freelist_count"),
      oldest_rounds_(database,
                     "SELECT ifnull(max(id), 0) FROM (SELECT id, at FROM round ORDER BY id LIMIT ?1) "
                     "WHERE at < ?2"),
      sum_rounds_(database, sum_rounds),
      drop_rounds_(database, "DELETE FROM round WHERE id <= ?1"),
      oldest_buckets_(database,
                      "SELECT ifnull(max(begin), 0) FROM (SELECT begin FROM bucket WHERE period = 300000 "
                      "ORDER BY begin LIMIT ?1) WHERE begin < ?2"),
      sum_buckets_(database, sum_buckets),
      drop_buckets_(database, "DELETE FROM bucket WHERE period = 300000 AND begin <= ?1"),
      drop_hours_(database,
                  "DELETE FROM bucket WHERE period = 3600000 AND begin <= (SELECT max(begin) FROM (SELECT "
                  "begin FROM bucket WHERE period = 3600000 ORDER BY begin LIMIT ?1) WHERE begin < ?2) "
                  "RETURNING 1"),
      drop_changes_(
          database,
          "DELETE FROM change WHERE id IN (SELECT id FROM change ORDER BY id LIMIT ?1) AND at < ?2"),
      drop_outages_(database, "DELETE FROM outage WHERE until < ?1 RETURNING target, since"),
      drop_evidence_(database, "DELETE FROM outage_evidence WHERE target = ?1 AND since = ?2 RETURNING file"),
      naming_outages_(database, "SELECT count(*) FROM outage_evidence WHERE file = ?1") {}

/// Past it SQLite says that the disk is full; so it is the wall, and is_tight() keeps away from it.
void HistoryPruner::set_max_size(std::uint64_t max_size) {
    const auto page_size = static_cast<std::uint64_t>(database_.number("PRAGMA page_size"));
    const std::uint64_t room = max_size > 2 * journal_size ? max_size - journal_size : max_size / 2;
    const auto pages = static_cast<std::int64_t>(std::clamp<std::uint64_t>(
        room / std::max<std::uint64_t>(page_size, 1), 1, std::numeric_limits<std::uint32_t>::max() - 1));
    if (pages != max_pages_) {
        database_.run(fmt::format("PRAGMA max_page_count = {}", pages).c_str());
        max_pages_ = pages;
    }
}

bool HistoryPruner::is_tight() {
    return number_of(page_count_) - number_of(free_pages_) > max_pages_ / 10 * 9;
}

std::int64_t HistoryPruner::fold_rounds(std::int64_t before, std::int64_t most) {
    const std::int64_t last = number_of(oldest_rounds_.bind(1, most).bind(2, before));
    if (last != 0) {
        sum_rounds_.bind(1, last).run();
        drop_rounds_.bind(1, last).run();
    }
    return last;
}

std::int64_t HistoryPruner::fold_buckets(std::int64_t before, std::int64_t most) {
    const std::int64_t last = number_of(oldest_buckets_.bind(1, most).bind(2, before));
    if (last != 0) {
        sum_buckets_.bind(1, last).run();
        drop_buckets_.bind(1, last).run();
    }
    return last;
}

void HistoryPruner::prune(std::size_t written, std::chrono::milliseconds max_age, HistoryTime now) {
    // Twice what comes in, so that a backlog shrinks.
    const std::int64_t most = 2 * static_cast<std::int64_t>(written) + least_at_once;
    const std::int64_t oldest = milliseconds_of(now) - max_age.count();
    fold_rounds(std::max(oldest, milliseconds_of(now - rounds_age)), most);
    fold_buckets(std::max(oldest, milliseconds_of(now - buckets_age)), most);
    drop_hours(oldest, most);
    drop_changes_.bind(1, most).bind(2, oldest).run();
    drop_outages(oldest);
    if (is_tight()) {
        make_room(most, milliseconds_of(now));
    }
}

void HistoryPruner::drop_outages(std::int64_t before) {
    dropped_evidence_.clear();
    drop_outages_.bind(1, before);
    while (drop_outages_.next()) {
        drop_evidence_.bind(1, drop_outages_.number(0)).bind(2, drop_outages_.number(1));
        while (drop_evidence_.next()) {
            dropped_evidence_.push_back(drop_evidence_.text(0));
        }
    }
    std::erase_if(dropped_evidence_,
                  [this](const std::string& file) { return number_of(naming_outages_.bind(1, file)) != 0; });
}

std::int64_t HistoryPruner::drop_hours(std::int64_t before, std::int64_t most) {
    return number_of(drop_hours_.bind(1, most).bind(2, before));
}

/// The first of these that finds something. Each kind keeps its newest as long as another has older ones to give.
void HistoryPruner::make_room(std::int64_t most, std::int64_t now) {
    const auto ago = [now](std::chrono::milliseconds age) { return now - age.count(); };
    const bool done = fold_rounds(ago(1h), most) != 0 || fold_buckets(ago(24h), most) != 0 ||
                      drop_hours(ago(7 * 24h), most) != 0 || fold_rounds(everything, most) != 0 ||
                      fold_buckets(everything, most) != 0 || drop_hours(everything, most) != 0;
    if (!done) {
        drop_changes_.bind(1, most).bind(2, everything).run();
    }
}

}  // namespace whylink::daemon
