// When an account is read next. Pure: the time is given.
#pragma once

#include <chrono>
#include <optional>

#include "checks/control/read.hpp"

namespace whylink::daemon {

/// At each interval, and soon after a target began to fail, or fails otherwise than before. Failures that come together
/// are read together.
class ReadSchedule {
  public:
    using Clock = std::chrono::steady_clock;

    struct Pace {
        Clock::duration first =
            std::chrono::seconds(5);  ///< after the start, so that first rounds have ended
        Clock::duration gather = std::chrono::seconds(1);  ///< after a failure: others may follow it
        Clock::duration least_between = std::chrono::seconds(5);
        Clock::duration retry = std::chrono::minutes(1);  ///< after a read that was not complete
    };

    ReadSchedule(Clock::duration interval, Pace pace, Clock::time_point now)
        : interval_(interval), pace_(pace), due_(now + pace.first) {}

    /// A target fails since then. What was read later is not read again for it.
    void failing(control::Time since, Clock::time_point now);

    /// May change with failing() and ended().
    Clock::time_point due() const { return due_; }

    /// A read begins: what must be newer than this is read again; none: what is remembered is good enough.
    std::optional<control::Time> begin(control::Time at, Clock::time_point now);
    /// `complete`: everything was read that this identity may read.
    void ended(bool complete, Clock::time_point now);

  private:
    Clock::duration interval_;
    Pace pace_;
    Clock::time_point due_;
    std::optional<Clock::time_point> begun_;
    std::optional<control::Time> read_at_;  ///< of the latest read that began
    std::optional<control::Time> wanted_;   ///< the latest failure that was not read yet
};

}  // namespace whylink::daemon
