// How often a peer may wake whoever reads from it.
#pragma once

#include <chrono>

namespace whylink::probes {

/// Of one exchange. A peer that sends byte by byte, or whatever is no answer, wakes its reader each time, and each costs
/// a turn of the event loop. No exchange needs many: from then on each is put off, and what comes meanwhile is read at
/// once.
class WakeUps {
  public:
    static constexpr unsigned max_undelayed = 32;
    static constexpr std::chrono::milliseconds put_off{50};

    void count() { ++count_; }
    bool are_to_be_put_off() const { return count_ > max_undelayed; }

    /// Whoever waits for many descriptors with epoll is woken by each segment of one that is registered, read from or
    /// not. From here on until resume() only the end of a TCP stream wakes, or more bytes than a peer that drips sends
    /// (SO_RCVLOWAT, socket(7)). Of other descriptors nothing changes.
    static void suspend(int fd);
    static void resume(int fd);

  private:
    unsigned count_ = 0;
};

}  // namespace whylink::probes
