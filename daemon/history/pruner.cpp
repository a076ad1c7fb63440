#include "daemon/history/pruner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "daemon/history/times.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

/// How long rounds, and then 5-minute sums, are kept as they are where there is room.
constexpr auto rounds_age = 24h;
constexpr auto buckets_age = 14 * 24h;
/// A round later than this after those that are old enough is one of a clock that was ahead.
constexpr std::int64_t rounds_ahead = std::chrono::milliseconds(2 * rounds_age).count();
constexpr std::int64_t least_at_once = 200;
/// For the journal beside the file (journal_size_limit, and what one transaction writes).
constexpr std::uint64_t journal_size = 8ULL << 20;
constexpr std::int64_t everything = std::numeric_limits<std::int64_t>::max();
/// A transaction of make_room(): some megabytes of the journal.
constexpr std::int64_t most_to_make_room = 50'000;
/// Sums need pages before the rounds that they are of give theirs back.
constexpr std::int64_t pages_to_make_room = 1024;

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

/// Of the pages that there may be, in hundredths: past the first what is old makes room, past the second what is not.
struct HistoryPruner::Marks {
    std::int64_t tight;
    std::int64_t very_tight;
};
constexpr HistoryPruner::Marks HistoryPruner::while_written{90, 95};
/// There has to be room for what is waiting.
constexpr HistoryPruner::Marks HistoryPruner::when_full{70, 80};

HistoryPruner::HistoryPruner(sql::Database& database)
    : database_(database),
      page_count_(database, "PRAGMA page_count"),
      free_pages_(database, "PRAGMA freelist_count"),
      oldest_rounds_(database,
                     "SELECT ifnull(max(id), 0) FROM (SELECT id, at FROM round ORDER BY id LIMIT ?1) "
                     "WHERE at < ?2 OR at > ?3"),
      sum_rounds_(database, sum_rounds),
      drop_rounds_(database, "DELETE FROM round WHERE id <= ?1"),
      oldest_buckets_(database,
                      "SELECT ifnull(max(begin), 0) FROM (SELECT begin FROM bucket WHERE period = 300000 "
                      "ORDER BY begin LIMIT ?1) WHERE begin < ?2"),
      sum_buckets_(database, sum_buckets),
      drop_buckets_(database, "DELETE FROM bucket WHERE period = 300000 AND begin <= ?1"),
      sums_of_rounds_(database,
                      "SELECT count(*) FROM (SELECT DISTINCT at / 300000, target FROM round WHERE id <= ?1)"),
      rounds_until_(database, "SELECT count(*) FROM round WHERE id <= ?1"),
      sums_of_buckets_(
          database,
          "SELECT count(*) FROM (SELECT DISTINCT begin / 3600000, target FROM bucket WHERE period = "
          "300000 AND begin <= ?1)"),
      buckets_until_(database, "SELECT count(*) FROM bucket WHERE period = 300000 AND begin <= ?1"),
      drop_hours_(
          database,
          "DELETE FROM bucket WHERE period = 3600000 AND begin <= (SELECT max(begin) FROM (SELECT "
          "begin FROM bucket WHERE period = 3600000 ORDER BY begin LIMIT ?1) WHERE begin < ?2) RETURNING 1"),
      drop_changes_(
          database,
          "DELETE FROM change WHERE id IN (SELECT id FROM change ORDER BY id LIMIT ?1) AND at < ?2"),
      drop_outages_(database, "DELETE FROM outage WHERE until < ?1 RETURNING target, since"),
      drop_oldest_outages_(
          database,
          "DELETE FROM outage WHERE until <= (SELECT max(until) FROM (SELECT until FROM outage "
          "WHERE until IS NOT NULL ORDER BY until LIMIT ?1)) RETURNING target, since"),
      drop_evidence_(database, "DELETE FROM outage_evidence WHERE target = ?1 AND since = ?2 RETURNING file"),
      naming_outages_(database, "SELECT count(*) FROM outage_evidence WHERE file = ?1"),
      without_changes_(
          database,
          "SELECT id, name FROM target WHERE NOT EXISTS (SELECT 1 FROM change WHERE target = target.id) "
          "AND NOT EXISTS (SELECT 1 FROM outage WHERE target = target.id) AND ifnull(run_until, 0) < ?1"),
      newest_rounds_(database, "SELECT target FROM round ORDER BY id DESC"),
      buckets_(database, "SELECT target FROM bucket"),
      forget_target_(database, "DELETE FROM target WHERE id = ?1"),
      forget_traits_(database, "DELETE FROM trait WHERE target = ?1") {}

/// Past it SQLite says that the disk is full; so it is the wall, and prune() keeps away from it.
void HistoryPruner::set_max_size(std::uint64_t max_size) {
    const auto page_size = static_cast<std::uint64_t>(database_.number("PRAGMA page_size"));
    const std::uint64_t room = max_size > 2 * journal_size ? max_size - journal_size : max_size / 2;
    const auto pages = static_cast<std::int64_t>(std::clamp<std::uint64_t>(
        room / std::max<std::uint64_t>(page_size, 1), 1, std::numeric_limits<std::uint32_t>::max() - 1));
    if (pages != max_pages_) {
        set_wall(pages);
        max_pages_ = pages;
    }
}

/// SQLite takes no fewer than there are: https://sqlite.org/pragma.html#pragma_max_page_count
void HistoryPruner::set_wall(std::int64_t pages) {
    database_.run(fmt::format("PRAGMA max_page_count = {}", pages).c_str());
}

std::int64_t HistoryPruner::used_pages() {
    return number_of(page_count_) - number_of(free_pages_);
}

bool HistoryPruner::is_past(std::int64_t hundredths) {
    return used_pages() > max_pages_ * hundredths / 100;
}

/// What a clock wrote that was days ahead is old, too: it would keep all that came after it.
std::int64_t HistoryPruner::oldest_rounds(std::int64_t before, std::int64_t most) {
    const std::int64_t ahead = before > everything - rounds_ahead ? everything : before + rounds_ahead;
    return number_of(oldest_rounds_.bind(1, most).bind(2, before).bind(3, ahead));
}

std::int64_t HistoryPruner::oldest_buckets(std::int64_t before, std::int64_t most) {
    return number_of(oldest_buckets_.bind(1, most).bind(2, before));
}

void HistoryPruner::fold_rounds(std::int64_t last) {
    sum_rounds_.bind(1, last).run();
    drop_rounds_.bind(1, last).run();
}

void HistoryPruner::fold_buckets(std::int64_t last) {
    sum_buckets_.bind(1, last).run();
    drop_buckets_.bind(1, last).run();
}

void HistoryPruner::prune(std::size_t written, std::chrono::milliseconds max_age, HistoryTime now) {
    // Twice what comes in, so that a backlog shrinks.
    const std::int64_t most = 2 * static_cast<std::int64_t>(written) + least_at_once;
    const std::int64_t oldest = milliseconds_of(now) - max_age.count();
    fold_rounds(oldest_rounds(std::max(oldest, milliseconds_of(now - rounds_age)), most));
    fold_buckets(oldest_buckets(std::max(oldest, milliseconds_of(now - buckets_age)), most));
    drop_hours(oldest, most);
    drop_changes_.bind(1, most).bind(2, oldest).run();
    dropped_evidence_.clear();
    drop_outages(drop_outages_.bind(1, oldest));
    make_room(while_written, most, milliseconds_of(now));
    forget_targets(oldest, milliseconds_of(now));
}

/// Names may come and go for years: once a day those are looked for of which there is nothing. A target that is checked has
/// rounds among the newest, so that the rest of the file is read only where one is gone.
void HistoryPruner::forget_targets(std::int64_t before, std::int64_t now) {
    constexpr std::int64_t day = std::chrono::milliseconds(24h).count();
    forgotten_.clear();
    if (now - looked_for_forgotten_ < day && now >= looked_for_forgotten_) {
        return;
    }
    looked_for_forgotten_ = now;
    std::unordered_map<std::int64_t, std::string> gone;
    without_changes_.bind(1, before);
    while (without_changes_.next()) {
        gone.emplace(without_changes_.number(0), without_changes_.text(1));
    }
    for (sql::Statement* of_target : {&newest_rounds_, &buckets_}) {
        while (!gone.empty() && of_target->next()) {
            gone.erase(of_target->number(0));
        }
        of_target->reset();
    }
    for (auto& [id, name] : gone) {
        forget_traits_.bind(1, id).run();
        forget_target_.bind(1, id).run();
        forgotten_.push_back(std::move(name));
    }
}

void HistoryPruner::drop_outages(sql::Statement& which) {
    while (which.next()) {
        drop_evidence_.bind(1, which.number(0)).bind(2, which.number(1));
        while (drop_evidence_.next()) {
            dropped_evidence_.push_back(drop_evidence_.text(0));
        }
    }
    std::erase_if(dropped_evidence_,
                  [this](const std::string& file) { return number_of(naming_outages_.bind(1, file)) != 0; });
}

bool HistoryPruner::drop_hours(std::int64_t before, std::int64_t most) {
    return number_of(drop_hours_.bind(1, most).bind(2, before)) != 0;
}

/// Sums of targets that are checked every few minutes take as much room as what they are of, or more.
bool HistoryPruner::shrink_rounds(std::int64_t before, std::int64_t most) {
    const std::int64_t last = oldest_rounds(before, most);
    if (last == 0 || number_of(sums_of_rounds_.bind(1, last)) > number_of(rounds_until_.bind(1, last)) / 2) {
        return false;
    }
    fold_rounds(last);
    return true;
}

bool HistoryPruner::shrink_buckets(std::int64_t before, std::int64_t most) {
    const std::int64_t last = oldest_buckets(before, most);
    if (last == 0 ||
        number_of(sums_of_buckets_.bind(1, last)) > number_of(buckets_until_.bind(1, last)) / 2) {
        return false;
    }
    fold_buckets(last);
    return true;
}

/// Of each what is older than this.
struct HistoryPruner::Ages {
    std::int64_t rounds;
    std::int64_t buckets;
    std::int64_t hours;
};

/// The finest first. What one gives may not do, so the next follows.
bool HistoryPruner::give(std::int64_t mark, const Ages& before, std::int64_t most) {
    bool gave = is_past(mark) && shrink_rounds(before.rounds, most);
    gave = (is_past(mark) && shrink_buckets(before.buckets, most)) || gave;
    return (is_past(mark) && drop_hours(before.hours, most)) || gave;
}

/// Without sums of them, where these would be no smaller.
bool HistoryPruner::drop_oldest(std::int64_t most) {
    if (const std::int64_t last = oldest_buckets(everything, most); last != 0) {
        drop_buckets_.bind(1, last).run();
        return true;
    }
    const std::int64_t last = oldest_rounds(everything, most);
    drop_rounds_.bind(1, last).run();
    return last != 0;
}

void HistoryPruner::make_room(const Marks& marks, std::int64_t most, std::int64_t now) {
    const auto ago = [now](std::chrono::milliseconds age) { return now - age.count(); };
    give(marks.tight, {ago(1h), ago(24h), ago(7 * 24h)}, most);
    if (give(marks.very_tight, {everything, everything, everything}, most) || !is_past(marks.very_tight) ||
        drop_oldest(most)) {
        return;
    }
    drop_changes_.bind(1, most).bind(2, everything).run();
    drop_outages(drop_oldest_outages_.bind(1, most));
}

void HistoryPruner::make_room(HistoryTime now) {
    set_wall(max_pages_ + pages_to_make_room);
    dropped_evidence_.clear();
    for (std::int64_t before = everything; is_past(when_full.very_tight) && used_pages() < before;) {
        before = used_pages();
        sql::Transaction transaction(database_);
        make_room(when_full, most_to_make_room, milliseconds_of(now));
        transaction.commit();
    }
    // Files of before auto_vacuum was on keep their pages, and use them again.
    while (number_of(page_count_) > max_pages_ && number_of(free_pages_) > 0) {
        const std::int64_t pages = number_of(page_count_);
        database_.run(fmt::format("PRAGMA incremental_vacuum({})", pages_to_make_room).c_str());
        if (number_of(page_count_) == pages) {
            break;
        }
    }
    set_wall(max_pages_);
}

}  // namespace whylink::daemon
