// Says when the event loop was held up, and by what: every target waits then, and past the watchdog's time the service is
// killed. Pure over what it is given.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "daemon/log/record.hpp"
#include "daemon/watch/histogram.hpp"
#include "probes/loop_time.hpp"

namespace whylink::daemon {

class StallWatch {
  public:
    using Clock = std::chrono::steady_clock;
    /// How often beat() is to be called.
    static constexpr Clock::duration period = std::chrono::milliseconds(50);
    /// What a peer may cost the loop at most; from here on it is a stall.
    static constexpr Clock::duration stall = std::chrono::milliseconds(50);
    /// Of stalls one line is written in this time, which counts the others.
    static constexpr Clock::duration repeated_after = std::chrono::minutes(1);

    /// What happened since the last beat.
    struct Beat {
        Clock::duration late{};  ///< after the moment at which it was due
        std::chrono::nanoseconds
            computed{};  ///< CPU time of the loop's thread; little: the host stood still, and not we
        probes::LongPiece longest;
    };
    std::optional<Record> beat(const Beat& beat, Clock::time_point now);

    /// Of all stalls, in seconds.
    const Histogram& stalls() const { return stalls_; }

  private:
    Histogram stalls_{loop_stall_bounds()};
    std::optional<Clock::time_point> said_;
    std::uint64_t unsaid_ = 0;  ///< stalls since then
};

}  // namespace whylink::daemon
