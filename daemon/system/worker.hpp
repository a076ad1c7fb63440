// A thread for what takes long and is not urgent: rendering metrics, compressing, reading a configuration; a
// second one for the disk. It never touches what belongs to the event loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace whylink::daemon {

class Worker {
  public:
    /// Jobs that may wait, and the thread's name of at most 15 characters. The thread runs at a lower priority
    /// (nice 10, where this host allows it) than the event loop, and takes no signals. Throws std::system_error
    /// when there can be no further thread.
    explicit Worker(std::size_t max_waiting = 64, const char* name = "whylink-work");
    /// Forgets the jobs that have not begun and waits for the one that has.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// False when too many wait, or when the worker is being destroyed. Any thread. A job must not throw; it
    /// hands its result over by asio::post() to the loop.
    bool post(std::function<void()> job);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::daemon
