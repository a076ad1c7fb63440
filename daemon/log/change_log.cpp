#include "daemon/log/change_log.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "checks/surroundings/damping.hpp"
#include "daemon/log/bounds.hpp"
#include "daemon/log/change_records.hpp"
#include "daemon/log/shared_changes.hpp"
#include "probes/rare.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using Clock = ChangeLog::Clock;

constexpr double burst = 100;
constexpr double per_second = 10;
constexpr auto left_out_period = 10s;
constexpr auto summary_period = 24h;
constexpr auto reminder_period = 1h;
// Thousands that broke together would be due together; and changes come first.
constexpr std::size_t reminders_a_tick = 5;
constexpr double reserved_for_changes = 50;

std::chrono::seconds seconds(Clock::duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

struct Entry;

/// Who is to be told about, and when; equal times in the order in which they came.
using Agenda = std::multimap<Clock::time_point, Entry*>;

class Appointment {
  public:
    explicit operator bool() const { return at_.has_value(); }
    void make(Agenda& agenda, Clock::time_point when, Entry& entry) {
        cancel(agenda);
        at_ = agenda.emplace(when, &entry);
    }
    void cancel(Agenda& agenda) {
        if (at_) {
            agenda.erase(*at_);
        }
        at_.reset();
    }

  private:
    std::optional<Agenda::iterator> at_;
};

/// What is remembered of one that has changed.
struct Changes {
    RecentlyTold told;
    std::size_t count = 0;  ///< since it was told
    Clock::time_point since;
    Appointment next;
    std::uint32_t left_out_in = 0;  ///< number of the suppression record that counts it
    bool limited = false;           ///< `next` is later than at once, for there were too many
};

/// What is remembered of one target.
struct Entry {
    TargetStatusPtr latest;  ///< null before the first
    State state;             ///< of `latest`
    std::optional<State> told;
    probes::Rare<Changes> changes;
    Clock::time_point unhealthy_since;
    Clock::duration unhealthy{};  ///< how long it was the last time
    std::size_t streak = 0;       ///< rounds in a row that speak against the health
    Appointment reminder;

    /// Before its first round a target is taken for healthy.
    bool has_news() const { return told ? *told != state : !is_plainly_healthy(state); }
    bool to_be_reminded() const { return state.healthy != true || state.cause == Cause::local_limit; }
};

}  // namespace

struct ChangeLog::Impl {
    Impl(std::function<void(Record)> to, Clock::time_point now, Explain how)
        : sink(std::move(to)),
          explain(std::move(how)),
          bucket(burst, per_second, now),
          welcomes(burst, per_second, now),
          follow_ups(burst, per_second, now),
          next_summary(now + summary_period),
          next_left_out(now),
          next_healthy(now) {}

    void round_ended(TargetStatusPtr ended, Clock::time_point now);
    void forget(Entry& entry);
    static void take_in(Entry& entry, TargetStatusPtr ended, Clock::time_point now);
    static void count_streak(Entry& entry, const TargetStatus& status);
    void welcome(Entry& entry, Clock::time_point now);
    void changed(Entry& entry, Clock::time_point now);
    void tell_further_tests(const TargetStatus& status, Clock::time_point now);
    void leave_out(Entry& entry);

    void tell_due(Clock::time_point now);
    void tell(Entry& entry, Clock::time_point now);
    void remind_later(Entry& entry, Clock::time_point now);
    void remind(Clock::time_point now);
    void tell_shared_changes(Clock::time_point now);
    void tell_left_out(Clock::time_point now);
    void tell_summary(std::span<const TargetStatusPtr> targets, Clock::time_point now);

    checks::Explanation explained(const TargetStatus& status) const {
        return explain(*status.target, *status.verdict);
    }

    std::function<void(Record)> sink;
    Explain explain;
    std::unordered_map<std::string, Entry> entries;  ///< by name, which is unique among all kinds
    Agenda changes;
    Agenda reminders;
    TokenBucket bucket;
    TokenBucket welcomes;    ///< for what is of level debug and must not use up the other
    TokenBucket follow_ups;  ///< of level debug too; a change has them in its evidence
    std::size_t healthy_untold = 0;
    SharedChanges shared_changes;
    LeftOut left_out;
    std::uint32_t left_out_record_number = 1;
    DayTotals day;
    Clock::time_point next_summary;
    Clock::time_point next_left_out;
    Clock::time_point next_healthy;
};

// ---- what happens ----

void ChangeLog::Impl::round_ended(TargetStatusPtr ended, Clock::time_point now) {
    ++day.rounds;
    const TargetStatus& status = *ended;
    Entry& entry = entries[status.name()];
    // After a reload the name may be that of a target of the other kind.
    if (entry.latest != nullptr && entry.latest->kind() != status.kind()) {
        forget(entry);
        entry = {};
    }
    const bool first = entry.latest == nullptr;
    const State before = entry.state;
    take_in(entry, std::move(ended), now);
    if (entry.state.healthy == false) {
        shared_changes.add(status, now);
    }
    tell_further_tests(status, now);
    if (first && is_plainly_healthy(entry.state)) {
        welcome(entry, now);
    } else if (first || entry.state != before) {
        day.changes += first ? 0U : 1U;
        changed(entry, now);
    }
}

void ChangeLog::Impl::take_in(Entry& entry, TargetStatusPtr ended, Clock::time_point now) {
    const bool was_unhealthy = entry.state.healthy == false;
    entry.latest = std::move(ended);
    entry.state = state_of(*entry.latest);
    count_streak(entry, *entry.latest);
    const bool unhealthy = entry.state.healthy == false;
    if (unhealthy && !was_unhealthy) {
        entry.unhealthy_since = now;
    }
    if (!unhealthy && was_unhealthy) {
        entry.unhealthy = now - entry.unhealthy_since;
    }
}

/// A round that could not be made neither adds to the streak nor ends it, as in checks::Health.
void ChangeLog::Impl::count_streak(Entry& entry, const TargetStatus& status) {
    const checks::RoundResult result = checks::result_of(*status.verdict);
    if (result == checks::RoundResult::not_made) {
        return;
    }
    const bool agrees = status.healthy == (result == checks::RoundResult::passed);
    entry.streak = agrees ? 0 : entry.streak + 1;
}

void ChangeLog::Impl::welcome(Entry& entry, Clock::time_point now) {
    entry.told = entry.state;
    if (welcomes.take(now)) {
        sink(change_record(*entry.latest, explained(*entry.latest), {}));
    } else {
        ++healthy_untold;
    }
}

void ChangeLog::Impl::tell_further_tests(const TargetStatus& status, Clock::time_point now) {
    const auto made_now = [&status](const FurtherTest& test) {
        return test.started >= status.standing.round_started;
    };
    if (std::ranges::none_of(further_tests(*status.verdict), made_now)) {
        return;
    }
    const checks::Explanation explanation = explained(status);
    for (const FurtherTest& test : further_tests(*status.verdict, &explanation)) {
        if (made_now(test) && follow_ups.take(now)) {
            sink(further_record(status, test));
        }
    }
}

void ChangeLog::Impl::changed(Entry& entry, Clock::time_point now) {
    Changes& of_entry = entry.changes ? *entry.changes : entry.changes.emplace();
    if (of_entry.count++ == 0) {
        of_entry.since = now;
    }
    if (!of_entry.limited && !entry.has_news()) {
        leave_out(entry);
        of_entry.next.cancel(changes);
        of_entry.count = 0;
        return;
    }
    if (!of_entry.next) {
        const Clock::time_point when = of_entry.told.allowed(now);
        of_entry.limited = when > now;
        of_entry.next.make(changes, when, entry);
    }
    tell_due(now);
    if (of_entry.next && !of_entry.limited) {
        leave_out(entry);
    }
}

void ChangeLog::Impl::leave_out(Entry& entry) {
    ++left_out.changes;
    ++left_out.causes[entry.state.cause];
    if (std::exchange(entry.changes->left_out_in, left_out_record_number) != left_out_record_number) {
        ++left_out.targets;
    }
}

void ChangeLog::Impl::forget(Entry& entry) {
    if (entry.changes) {
        entry.changes->next.cancel(changes);
    }
    entry.reminder.cancel(reminders);
}

// ---- what is told ----

void ChangeLog::Impl::tell_due(Clock::time_point now) {
    while (!changes.empty() && changes.begin()->first <= now && bucket.take(now)) {
        tell(*changes.begin()->second, now);
    }
}

void ChangeLog::Impl::tell(Entry& entry, Clock::time_point now) {
    Changes& of_entry = *entry.changes;
    sink(change_record(*entry.latest, explained(*entry.latest),
                       {entry.told, seconds(entry.unhealthy), entry.streak, of_entry.count,
                        seconds(now - of_entry.since), shared_changes.first_after_same(*entry.latest)}));
    of_entry.next.cancel(changes);
    entry.told = entry.state;
    of_entry.told.add(now);
    of_entry.count = 0;
    remind_later(entry, now);
}

void ChangeLog::Impl::remind_later(Entry& entry, Clock::time_point now) {
    entry.reminder.cancel(reminders);
    if (entry.to_be_reminded()) {
        entry.reminder.make(reminders, now + reminder_period, entry);
    }
}

void ChangeLog::Impl::remind(Clock::time_point now) {
    for (std::size_t count = 0; count < reminders_a_tick; ++count) {
        if (reminders.empty() || reminders.begin()->first > now ||
            bucket.tokens(now) < reserved_for_changes) {
            return;
        }
        // No change of it waits: that would have taken the tokens first, or it was told a minute ago at most.
        Entry& entry = *reminders.begin()->second;
        if (bucket.take(now)) {
            sink(reminder_record(*entry.latest, explained(*entry.latest), entry.streak));
        }
        remind_later(entry, now);
    }
}

/// Bounded by themselves: a host changes seldom.
void ChangeLog::Impl::tell_shared_changes(Clock::time_point now) {
    for (Record& record : shared_changes.take_due(now)) {
        sink(std::move(record));
    }
}

void ChangeLog::Impl::tell_left_out(Clock::time_point now) {
    if (left_out.changes > 0 && now >= next_left_out) {
        sink(left_out_record(std::exchange(left_out, {}), changes.size()));
        ++left_out_record_number;
        next_left_out = now + left_out_period;
    }
    if (healthy_untold > 0 && now >= next_healthy) {
        sink(healthy_record(std::exchange(healthy_untold, 0U)));
        next_healthy = now + left_out_period;
    }
}

void ChangeLog::Impl::tell_summary(std::span<const TargetStatusPtr> targets, Clock::time_point now) {
    if (now < next_summary || !bucket.take(now)) {
        return;
    }
    sink(summary_record(targets, std::exchange(day, {})));
    next_summary = now + summary_period;
}

ChangeLog::ChangeLog(std::function<void(Record)> sink, Clock::time_point now, Explain explain)
    : impl_(std::make_unique<Impl>(std::move(sink), now, std::move(explain))) {}
ChangeLog::~ChangeLog() = default;

void ChangeLog::round_ended(TargetStatusPtr status, Clock::time_point now) {
    impl_->round_ended(std::move(status), now);
}

void ChangeLog::removed(config::TargetKind kind, const std::string& name) {
    const auto found = impl_->entries.find(name);
    if (found == impl_->entries.end() || found->second.latest->kind() != kind) {
        return;
    }
    impl_->forget(found->second);
    impl_->entries.erase(found);
}

void ChangeLog::tick(std::span<const TargetStatusPtr> targets, Clock::time_point now) {
    impl_->tell_summary(targets, now);
    impl_->tell_due(now);
    impl_->tell_shared_changes(now);
    impl_->tell_left_out(now);
    impl_->remind(now);
}

}  // namespace whylink::daemon
