// When each target's next round is due. Pure: the time is given, so that hours pass in a test in no time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace whylink::daemon {

/// Every target has a slot in each interval, at a place that depends on its name alone: rounds are spread
/// evenly, and a target keeps its place when others come and go, and when the daemon is started again. A
/// little jitter is added to each, so that no round keeps step with what happens periodically elsewhere.
///
/// Never two rounds of one target at once: a slot that comes while the round before is under way is left out
/// and counted as an overrun. Never more than `max_concurrent` rounds: what is due then waits in the order in
/// which it became due. After a pause of the whole process (a VM that was suspended, a debugger), the slots
/// that passed are left out and counted as missed, and everybody goes on at their own next slot, so that
/// there is no burst. A target is never left out so twice in a row.
class Schedule {
  public:
    /// The monotonic clock: a step of the time of day does nothing.
    using Clock = std::chrono::steady_clock;
    using Id = std::uint32_t;

    explicit Schedule(unsigned max_concurrent, std::uint64_t jitter_seed);

    struct Entry {
        std::string_view key;  ///< kind and name: decides the place in the interval; not kept
        std::chrono::milliseconds interval;
    };
    /// A new target. Its first round comes soon, whatever the interval: the first rounds of `batch` targets
    /// that are added together are spread over 1 ms each, at least 1 s in all and at most their interval.
    void add(Id id, const Entry& entry, Clock::time_point now, std::size_t batch);
    /// Another interval; the next slot follows from it. Unknown ids are ignored.
    void change(Id id, const Entry& entry, Clock::time_point now);
    /// Its round, if one is under way, still counts until finished(). Unknown ids are ignored.
    void remove(Id id);
    void set_max_concurrent(unsigned max_concurrent);

    struct Start {
        Id id;
        Clock::duration lag;  ///< since it was due
    };
    /// The rounds to start now; each counts as under way until finished().
    std::vector<Start> take_due(Clock::time_point now);
    /// The round has ended. An id that was removed meanwhile is forgotten with this.
    void finished(Id id, Clock::time_point now);

    /// When take_due() may next have something to do; none while there is nothing to wait for.
    std::optional<Clock::time_point> next_wake() const;

    std::size_t under_way() const;
    std::uint64_t overruns() const;
    std::uint64_t missed() const;
};

}  // namespace whylink::daemon
