// Drives a Schedule as the daemon does, by simulated time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/watch/schedule.hpp"

namespace whylink::daemon {

/// Asks the schedule at next_wake() and after finished(), and at no other time. Fails the test when two
/// rounds of one target are under way, or too many of all, or a wake leaves something to do undone.
class Simulation {
  public:
    using Time = Schedule::Clock::time_point;
    using Duration = Schedule::Clock::duration;

    struct Round {
        Schedule::Id id;
        Time start;
        Duration lag;
    };

    explicit Simulation(unsigned max_concurrent = 1000, std::uint64_t jitter_seed = 1,
                        Duration start = std::chrono::hours(100))
        : now(start), schedule(max_concurrent, jitter_seed), max_concurrent_(max_concurrent) {}

    /// Targets 0 to `count` - 1, added together.
    void add_many(std::size_t count, std::chrono::milliseconds interval) {
        for (Schedule::Id id = 0; id < count; ++id) {
            schedule.add(id, {"endpoint/target-" + std::to_string(id), interval}, now, count);
        }
    }

    void run_for(Duration duration) {
        const Time end = now + duration;
        for (;;) {
            const Time next = std::min(next_end(), schedule.next_wake().value_or(Time::max()));
            if (next > end) {
                break;
            }
            now = std::max(now, next);
            end_rounds();
            take();
        }
        now = end;
    }

    /// The whole process stands still.
    void pause(Duration duration) { now += duration; }

    std::vector<Time> starts_of(Schedule::Id id) const {
        std::vector<Time> starts;
        for (const Round& round : rounds) {
            if (round.id == id) {
                starts.push_back(round.start);
            }
        }
        return starts;
    }

    /// Rounds that start in each slice of [from, from + slice * slices).
    std::vector<std::size_t> starts_by_slice(Time from, Duration slice, std::size_t slices) const {
        std::vector<std::size_t> counts(slices);
        for (const Round& round : rounds) {
            const auto index = (round.start - from) / slice;
            if (round.start >= from && static_cast<std::size_t>(index) < slices) {
                ++counts[static_cast<std::size_t>(index)];
            }
        }
        return counts;
    }

    Time now;
    Schedule schedule;
    std::vector<Round> rounds;  ///< in the order in which they started
    std::function<Duration(Schedule::Id)> takes = [](Schedule::Id) { return std::chrono::milliseconds(10); };

  private:
    Time next_end() const { return ends_.empty() ? Time::max() : ends_.begin()->first; }

    void end_rounds() {
        while (next_end() <= now) {
            const Schedule::Id id = ends_.begin()->second;
            ends_.erase(ends_.begin());
            under_way_.erase(id);
            schedule.finished(id, now);
        }
    }

    void take() {
        for (const Schedule::Start& start : schedule.take_due(now)) {
            EXPECT_TRUE(under_way_.insert(start.id).second) << "two rounds at once of " << start.id;
            EXPECT_GE(start.lag, Duration::zero());
            rounds.push_back({start.id, now, start.lag});
            ends_.emplace(now + std::max(takes(start.id), Duration(1)), start.id);
        }
        EXPECT_LE(under_way_.size(), max_concurrent_);
        EXPECT_EQ(under_way_.size(), schedule.under_way());
        const std::optional<Time> wake = schedule.next_wake();
        EXPECT_TRUE(!wake || *wake > now);
    }

    std::size_t max_concurrent_;
    std::set<Schedule::Id> under_way_;
    std::set<std::pair<Time, Schedule::Id>> ends_;
};

}  // namespace whylink::daemon
