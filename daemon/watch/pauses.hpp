// Notices that the whole process stood still: a host that was suspended, a debugger, a machine out of breath.
#pragma once

#include <chrono>

namespace whylink::daemon {

/// Pure: the time is given.
class Pauses {
  public:
    using Clock = std::chrono::steady_clock;

    /// How often beat() is to be called, and how much later it may come before that is a pause.
    static constexpr std::chrono::milliseconds period{250};
    static constexpr std::chrono::milliseconds grace{1000};

    explicit Pauses(Clock::time_point now) : last_beat_(now), last_pause_(Clock::time_point::min()) {}

    /// From a timer each period, and from whatever else is about to rely on since(): after a pause nobody
    /// knows what comes first.
    void beat(Clock::time_point now) {
        if (now - last_beat_ > period + grace) {
            last_pause_ = now;
        }
        last_beat_ = now;
    }
    /// Whether there was a pause after `moment`, as far as beat() has seen.
    bool since(Clock::time_point moment) const { return last_pause_ > moment; }

  private:
    Clock::time_point last_beat_;
    Clock::time_point last_pause_;  ///< its end
};

}  // namespace whylink::daemon
