#include "daemon/system/worker.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "daemon/system/signals.hpp"

namespace whylink::daemon {
namespace {

/// For the calling thread only: on Linux a nice value belongs to a thread (setpriority(2)). Refused, it works
/// as well, but with less regard for the event loop.
void step_back() {
    const auto self = static_cast<id_t>(gettid());
    setpriority(PRIO_PROCESS, self, std::max(getpriority(PRIO_PROCESS, self), 10));
    pthread_setname_np(pthread_self(), "whylink-work");
}

}  // namespace

struct Worker::Impl {
    explicit Impl(std::size_t limit) : max_waiting(limit) {}

    void run() noexcept;
    /// The next job; an empty one when it is time to stop.
    std::function<void()> next();
    void stop();

    const std::size_t max_waiting;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> waiting;
    bool stopping = false;
    std::thread thread;
};

void Worker::Impl::run() noexcept {
    step_back();
    while (const std::function<void()> job = next()) {
        job();
    }
}

std::function<void()> Worker::Impl::next() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopping || !waiting.empty(); });
    if (stopping) {
        return {};
    }
    std::function<void()> job = std::move(waiting.front());
    waiting.pop_front();
    return job;
}

void Worker::Impl::stop() {
    std::deque<std::function<void()>> forgotten;  // what they hold is let go outside of the lock
    {
        const std::lock_guard lock(mutex);
        stopping = true;
        forgotten.swap(waiting);
    }
    forgotten.clear();
    changed.notify_one();
    thread.join();
}

Worker::Worker(std::size_t max_waiting) : impl_(std::make_unique<Impl>(max_waiting)) {
    const SignalsBlocked blocked;
    impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Worker::~Worker() {
    impl_->stop();
}

bool Worker::post(std::function<void()> job) {
    if (!job) {
        return true;
    }
    {
        const std::lock_guard lock(impl_->mutex);
        if (impl_->stopping || impl_->waiting.size() >= impl_->max_waiting) {
            return false;
        }
        impl_->waiting.push_back(std::move(job));
    }
    impl_->changed.notify_one();
    return true;
}

}  // namespace whylink::daemon
