#include "daemon/history/recent_days.hpp"

#include <algorithm>
#include <utility>

#include "daemon/history/times.hpp"

namespace whylink::daemon {
namespace {

constexpr std::int64_t slot_milliseconds = std::chrono::milliseconds(Day::slot_length).count();
constexpr auto slot_count = static_cast<std::int64_t>(Day::slots);

std::int64_t first_slot_number(HistoryTime now) {
    return milliseconds_of(now) / slot_milliseconds - slot_count + 1;
}

}  // namespace

std::optional<double> Day::availability() const {
    double rounds = 0;
    double passed = 0;
    for (const Count& count : counts) {
        rounds += count.rounds;
        passed += count.passed;
    }
    return rounds == 0 ? std::nullopt : std::optional(passed / rounds);
}

HistoryTime first_slot(HistoryTime now) {
    return time_of(first_slot_number(now) * slot_milliseconds);
}

const Days& RecentDays::read(HistoryTime now) {
    sql::Database database(file_.string(), sql::Access::read);
    // Of one moment, whatever the daemon writes meanwhile.
    database.run("BEGIN");
    move_to(first_slot_number(now));
    read_names(database);
    const std::int64_t oldest = database.number("SELECT ifnull(min(id), 0) FROM round");
    const std::int64_t newest = database.number("SELECT ifnull(max(id), 0) FROM round");
    // Another file, or rounds that became sums before they were read here.
    if (last_id_ == 0 || newest < last_id_ || oldest > last_id_ + 1) {
        begin_again(database);
        last_id_ = std::max<std::int64_t>(oldest - 1, 0);
    }
    read_rounds(database, newest);
    database.run("COMMIT");
    return days_;
}

/// A clock that was set back begins again: which of the rounds are of that time is not known.
void RecentDays::move_to(std::int64_t first) {
    const std::int64_t by = first - std::exchange(first_, first);
    if (by < 0 || by >= slot_count) {
        days_.clear();
        last_id_ = 0;
        return;
    }
    for (auto& [name, day] : days_) {
        std::shift_left(day.counts.begin(), day.counts.end(), by);
        std::fill(day.counts.end() - by, day.counts.end(), Day::Count{});
    }
}

void RecentDays::read_names(sql::Database& database) {
    sql::Statement rows(database, "SELECT id, name FROM target");
    names_.clear();
    while (rows.next()) {
        names_.emplace(rows.number(0), rows.text(1));
    }
}

void RecentDays::add(std::int64_t target, std::int64_t slot, std::int64_t rounds, std::int64_t passed) {
    const auto name = names_.find(target);
    const std::int64_t place = slot - first_;
    if (name == names_.end() || place < 0 || place >= slot_count) {
        return;
    }
    Day::Count& count = days_[name->second].counts.at(static_cast<std::size_t>(place));
    count.rounds += static_cast<std::uint32_t>(rounds);
    count.passed += static_cast<std::uint32_t>(passed);
}

void RecentDays::begin_again(sql::Database& database) {
    days_.clear();
    for (const std::int64_t period : {std::int64_t{300'000}, std::int64_t{3'600'000}}) {
        sql::Statement rows(database,
                            "SELECT target, (begin + period / 2) / ?1, rounds, passed FROM bucket "
                            "WHERE period = ?2 AND begin >= ?3");
        rows.bind(1, slot_milliseconds).bind(2, period).bind(3, first_ * slot_milliseconds - period);
        while (rows.next()) {
            add(rows.number(0), rows.number(1), rows.number(2), rows.number(3));
        }
    }
}

void RecentDays::read_rounds(sql::Database& database, std::int64_t newest) {
    // Zero until all is counted: after an error it is counted from the beginning.
    const std::int64_t after = std::exchange(last_id_, 0);
    const std::int64_t last = std::min(newest, after + max_rounds);
    sql::Statement rows(database,
                        "SELECT target, at / ?1, 1, passed FROM round "
                        "WHERE id > ?2 AND id <= ?3 AND passed IS NOT NULL");
    rows.bind(1, slot_milliseconds).bind(2, after).bind(3, last);
    while (rows.next()) {
        add(rows.number(0), rows.number(1), rows.number(2), rows.number(3));
    }
    last_id_ = last;
}

}  // namespace whylink::daemon
