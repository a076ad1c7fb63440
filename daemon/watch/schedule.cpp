#include "daemon/watch/schedule.hpp"

#include <algorithm>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using Clock = Schedule::Clock;

constexpr std::chrono::milliseconds min_interval = 1ms;
constexpr std::chrono::milliseconds max_interval = 24h * 365 * 10;
constexpr Clock::duration max_jitter = 500ms;
constexpr Clock::duration min_between_hastened = 1s;
/// What is due within it starts at its end, together: to wake up costs a fifth of a whole round.
constexpr Clock::duration grain = 5ms;
/// Intervals below it are kept to the letter.
constexpr Clock::duration min_grained_interval = 1s;

/// Spreads every bit of the input over the whole output (the finalizer of SplitMix64).
constexpr std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

/// The same on every run and machine, which std::hash does not promise: FNV-1a, of which alone the low bits
/// of similar names would lie close together.
std::uint64_t stable_hash(std::string_view key) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : key) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    }
    return mixed(hash);
}

/// Evenly within [0, range); `range` is positive.
Clock::duration within(std::uint64_t random, Clock::duration range) {
    return Clock::duration(static_cast<Clock::rep>(random % static_cast<std::uint64_t>(range.count())));
}

Clock::duration usable(std::chrono::milliseconds interval) {
    return std::clamp(interval, min_interval, max_interval);
}

/// The first slot at or after `moment`. Slots are counted from the clock's epoch, which is the boot of this host: so
/// they are where they were when the daemon is started again.
Clock::time_point first_slot(std::uint64_t hash, Clock::duration interval, Clock::time_point moment) {
    const Clock::duration since = (moment.time_since_epoch() - within(hash, interval)) % interval;
    if (since > Clock::duration::zero()) {
        return moment + (interval - since);
    }
    return moment - since;
}

/// Moves `slot` to the first one after `now`; how many were left out.
std::uint64_t leave_out(Clock::time_point& slot, Clock::duration interval, Clock::time_point now) {
    if (slot > now) {
        return 0;
    }
    const auto slots = (now - slot) / interval + 1;
    slot += slots * interval;
    return static_cast<std::uint64_t>(slots);
}

Clock::time_point grained(Clock::time_point moment, Clock::duration interval) {
    if (interval < min_grained_interval) {
        return moment;
    }
    return Clock::time_point((moment.time_since_epoch() + grain - Clock::duration(1)) / grain * grain);
}

Clock::duration grace(Clock::duration interval) {
    return std::clamp<Clock::duration>(interval / 2, 1s, 10s);
}

}  // namespace

Schedule::Schedule(unsigned max_concurrent, std::uint64_t jitter_seed) : random_(jitter_seed) {
    set_max_concurrent(max_concurrent);
}

void Schedule::set_max_concurrent(unsigned max_concurrent) {
    max_concurrent_ = std::max(max_concurrent, 1U);
}

void Schedule::add(Id id, const Entry& entry, Clock::time_point now, std::size_t batch) {
    remove(id);
    if (id >= targets_.size()) {
        targets_.resize(std::size_t{id} + 1);
    }
    Target& target = targets_[id];
    target.hash = stable_hash(entry.key);
    target.interval = usable(entry.interval);
    target.first = true;
    target.removed = false;
    target.left_out = false;
    const auto each = std::chrono::milliseconds(std::min<std::size_t>(batch, 1'000'000'000));
    const Clock::duration spread = std::min(target.interval, std::max<Clock::duration>(1s, each));
    target.due = now + within(target.hash, spread);
    if (target.state == State::absent) {
        schedule(id, target.due);
    }
}

void Schedule::change(Id id, const Entry& entry, Clock::time_point now) {
    Target* const target = find(id);
    const Clock::duration interval = usable(entry.interval);
    const std::uint64_t hash = stable_hash(entry.key);
    if (target == nullptr || (target->interval == interval && target->hash == hash)) {
        return;
    }
    target->interval = interval;
    target->hash = hash;
    if (target->first && target->state == State::scheduled) {
        schedule(id, std::min(target->due, now + within(hash, interval)));
        return;
    }
    target->slot = first_slot(hash, interval, std::max(target->started + interval / 2, now));
    if (target->state == State::scheduled) {
        schedule_slot(id);
    }
}

void Schedule::remove(Id id) {
    Target* const target = find(id);
    if (target == nullptr) {
        return;
    }
    if (target->state == State::under_way) {
        target->removed = true;
        return;
    }
    (target->state == State::waiting ? waiting_ : scheduled_).erase({target->due, id});
    target->state = State::absent;
}

void Schedule::hasten(Id id, Clock::time_point now) {
    Target* const target = find(id);
    if (target != nullptr && target->state == State::scheduled) {
        target->first = true;
        schedule(id, std::min(target->due, std::max(now, target->started + min_between_hastened)));
    }
}

std::vector<Schedule::Start> Schedule::take_due(Clock::time_point now) {
    collect_due(now);
    std::vector<Start> starts;
    while (!waiting_.empty() && under_way_ < max_concurrent_) {
        const Id id = waiting_.begin()->second;
        starts.push_back({id, start(id, now)});
    }
    return starts;
}

void Schedule::finished(Id id, Clock::time_point now) {
    if (id >= targets_.size() || targets_[id].state != State::under_way) {
        return;
    }
    Target& target = targets_[id];
    --under_way_;
    target.state = State::absent;
    if (target.removed) {
        return;
    }
    if (target.first) {
        schedule(id, std::max(target.due, now));
        return;
    }
    overruns_ += leave_out(target.slot, target.interval, now);
    schedule_slot(id);
}

std::optional<Clock::time_point> Schedule::next_wake() const {
    if (!waiting_.empty() && under_way_ < max_concurrent_) {
        return waiting_.begin()->first;
    }
    if (scheduled_.empty()) {
        return std::nullopt;
    }
    return scheduled_.begin()->first;
}

Schedule::Pressure Schedule::pressure(Clock::time_point now) const {
    const Clock::duration longest =
        waiting_.empty() ? Clock::duration::zero() : now - waiting_.begin()->first;
    return {waiting_.size(), longest, overruns_};
}

/// Null for an id that is not known, or that is known only for its last round's sake.
Schedule::Target* Schedule::find(Id id) {
    if (id >= targets_.size()) {
        return nullptr;
    }
    Target& target = targets_[id];
    return target.state == State::absent || target.removed ? nullptr : &target;
}

/// From wherever it is, but for waiting.
void Schedule::schedule(Id id, Clock::time_point due) {
    Target& target = targets_[id];
    if (target.state == State::scheduled) {
        target.node = scheduled_.extract({target.due, id});
    }
    target.due = due;
    target.state = State::scheduled;
    if (target.node.empty()) {
        scheduled_.emplace(due, id);
        return;
    }
    target.node.value() = {due, id};
    scheduled_.insert(std::move(target.node));
}

void Schedule::schedule_slot(Id id) {
    const Target& target = targets_[id];
    schedule(id, grained(target.slot + jitter(target.interval), target.interval));
}

void Schedule::collect_due(Clock::time_point now) {
    if (scheduled_.empty()) {
        return;
    }
    const Clock::duration pause = now - scheduled_.begin()->first;
    while (!scheduled_.empty() && scheduled_.begin()->first <= now) {
        const Id id = scheduled_.begin()->second;
        if (!sleep_over(id, now, pause)) {
            await_start(id, now);
        }
    }
}

/// What is still scheduled although it is long due: nobody asked in between, for what only has to wait for
/// others is in the other queue. `pause` is how late the most overdue of all is. False when the target is to
/// start all the same.
bool Schedule::sleep_over(Id id, Clock::time_point now, Clock::duration pause) {
    Target& target = targets_[id];
    if (now - target.due <= grace(target.interval) || target.left_out) {
        return false;
    }
    target.left_out = true;
    if (target.first) {
        // It has no slot yet. All of these move by the same pause, and stay as spread as they were.
        schedule(id, target.due + pause);
        return true;
    }
    missed_ += leave_out(target.slot, target.interval, now);
    schedule_slot(id);
    return true;
}

void Schedule::await_start(Id id, Clock::time_point now) {
    Target& target = targets_[id];
    const Clock::time_point slot = target.first ? target.due : target.slot;
    target.slot = first_slot(target.hash, target.interval, slot + target.interval / 2);
    missed_ += leave_out(target.slot, target.interval, now);
    target.state = State::waiting;
    waiting_.insert(scheduled_.extract({target.due, id}));
}

Clock::duration Schedule::start(Id id, Clock::time_point now) {
    Target& target = targets_[id];
    overruns_ += leave_out(target.slot, target.interval, now);
    if (target.first) {
        target.slot = first_slot(target.hash, target.interval, now + target.interval / 2);
    }
    target.first = false;
    target.left_out = false;
    target.started = now;
    target.state = State::under_way;
    target.node = waiting_.extract({target.due, id});
    ++under_way_;
    return now - target.due;
}

Clock::duration Schedule::jitter(Clock::duration interval) {
    random_ += 0x9e3779b97f4a7c15U;  // SplitMix64
    return within(mixed(random_), std::min(interval / 20, max_jitter));
}

}  // namespace whylink::daemon
