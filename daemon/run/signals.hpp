// The signals that the daemon listens to, taken by a thread of their own: an event loop that is behind with
// its work must not be behind with its end.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace whylink::daemon {

/// Keeps SIGHUP, SIGTERM and SIGINT waiting for Signals, in the calling thread and those that it starts
/// later. To be called before any other thread is there.
void hold_signals();

class Signals {
  public:
    /// `on_signal` is called with the signal's number, on the other thread.
    explicit Signals(std::function<void(int)> on_signal);
    /// Returns when `on_signal` is not under way and will not be called again.
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

  private:
    void run();

    std::function<void(int)> on_signal_;
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

}  // namespace whylink::daemon
