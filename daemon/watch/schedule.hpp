// When each target's next round is due. Pure: the time is given, so that hours pass in a test in no time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace whylink::daemon {

/// Every target has a slot in each interval, at a place that depends on its name alone: rounds are spread
/// evenly, and a target keeps its place when others come and go, and when the daemon is started again. A
/// little jitter is added to each, so that no round keeps step with what happens periodically elsewhere.
/// Rounds of targets with an interval of 1 s and more begin at multiples of 5 ms, so that those which lie close
/// together cost one wake-up.
///
/// Never two rounds of one target at once: a slot that comes while the round before is under way is left out
/// and counted as an overrun. Never more than `max_concurrent` rounds: what is due then waits in the order in
/// which it became due. After a pause of the whole process (a host that was suspended, a debugger), the slots
/// that passed are left out and counted as missed, and everybody goes on at their own next slot, so that
/// there is no burst. A target is never left out so twice in a row.
class Schedule {
  public:
    /// The monotonic clock: a step of the time of day does nothing.
    using Clock = std::chrono::steady_clock;
    using Id = std::uint32_t;

    explicit Schedule(unsigned max_concurrent, std::uint64_t jitter_seed);

    struct Entry {
        std::string_view key;                ///< kind and name: decides the place in the interval; not kept
        std::chrono::milliseconds interval;  ///< 1 ms to 10 years; beyond, the nearest of the two
    };
    /// A new target. Its first round comes soon, whatever the interval: the first rounds of `batch` targets
    /// that are added together are spread over 1 ms each, at least 1 s in all and at most their interval.
    /// After it comes the first slot at least half an interval later. An id whose old round is still under
    /// way waits for its end. Ids are small numbers, which may be used again once they were removed.
    void add(Id id, const Entry& entry, Clock::time_point now, std::size_t batch);
    /// Another interval; the next slot follows from it. Unknown ids are ignored.
    void change(Id id, const Entry& entry, Clock::time_point now);
    /// Its round, if one is under way, still counts until finished(). Unknown ids are ignored.
    void remove(Id id);
    /// Its next round is due now, or a second after the latest began, however often this is called; after it comes the
    /// first slot at least half an interval later. Nothing where its round is under way, or waits already.
    void hasten(Id id, Clock::time_point now);
    void set_max_concurrent(unsigned max_concurrent);

    struct Start {
        Id id;
        Clock::duration lag;  ///< since it was due, jitter included
    };
    /// The rounds to start now; each counts as under way until finished(). To be called whenever next_wake()
    /// has come and after each finished(): what is far overdue although nobody could have started it earlier
    /// is how a pause is told. Far is half an interval, but at least 1 s and at most 10 s.
    std::vector<Start> take_due(Clock::time_point now);
    /// The round has ended. An id that was removed meanwhile is forgotten with this. Ids without a round
    /// under way are ignored.
    void finished(Id id, Clock::time_point now);

    /// When take_due() may next have something to do; none while there is nothing to wait for. It may lie in
    /// the past. While `max_concurrent` rounds are under way it is when the next one begins to wait.
    std::optional<Clock::time_point> next_wake() const;

    /// Rounds of removed targets included.
    std::size_t under_way() const { return under_way_; }
    /// Rounds that are due, but `max_concurrent` are under way.
    std::size_t waiting() const { return waiting_.size(); }
    /// Slots left out because the round before was under way, or waited for `max_concurrent`; counted when
    /// that round ends or starts.
    std::uint64_t overruns() const { return overruns_; }
    /// Slots left out after a pause.
    std::uint64_t missed() const { return missed_; }

    /// How the rounds get along.
    struct Pressure {
        std::size_t waiting = 0;      ///< as waiting()
        Clock::duration max_wait{0};  ///< since the first of these was due
        std::uint64_t overruns = 0;   ///< as overruns()
    };
    Pressure pressure(Clock::time_point now) const;

  private:
    using Queue = std::set<std::pair<Clock::time_point, Id>>;

    enum class State : std::uint8_t { absent, scheduled, waiting, under_way };

    struct Target {
        /// The target's place in a queue. It moves from one to the other, and stays here while the round is
        /// under way, so that rounds allocate nothing.
        Queue::node_type node;
        std::uint64_t hash = 0;
        Clock::duration interval{};
        Clock::time_point due;      ///< of the round that is scheduled, waiting or under way
        Clock::time_point slot;     ///< scheduled: that of `due`, without jitter; afterwards the next one
        Clock::time_point started;  ///< the latest round
        State state = State::absent;
        bool first = false;     ///< its next round is at a moment that is no slot
        bool removed = false;   ///< while its round is under way
        bool left_out = false;  ///< the slot before was slept over
    };

    Target* find(Id id);
    void schedule(Id id, Clock::time_point due);
    void schedule_slot(Id id);
    void collect_due(Clock::time_point now);
    bool sleep_over(Id id, Clock::time_point now, Clock::duration pause);
    void await_start(Id id, Clock::time_point now);
    Clock::duration start(Id id, Clock::time_point now);
    Clock::duration jitter(Clock::duration interval);

    std::vector<Target> targets_;  ///< by id
    Queue scheduled_;
    Queue waiting_;  ///< due, but `max_concurrent` are under way
    std::size_t max_concurrent_;
    std::size_t under_way_ = 0;
    std::uint64_t overruns_ = 0;
    std::uint64_t missed_ = 0;
    std::uint64_t random_;
};

}  // namespace whylink::daemon
