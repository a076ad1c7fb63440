// The signals that the daemon listens to, taken by a thread of their own: an event loop that is behind with
// its work must not be behind with its end.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

namespace whylink::daemon {

/// Keeps SIGHUP, SIGTERM and SIGINT waiting for Signals, in the calling thread and those that it starts
/// later. To be called before any other thread is there.
void hold_signals();

/// Blocks every signal in the calling thread for a while: a thread that is started meanwhile is born so, and
/// there is no moment at which it could take a signal that is meant for the event loop. Its own faults are
/// not: blocked, they would end the process before whoever handles them (a sanitizer) could say where.
class SignalsBlocked {
  public:
    SignalsBlocked();
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

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
