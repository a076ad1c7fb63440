#include "daemon/system/worker.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "daemon/system/signals.hpp"
#include "probes/background_thread.hpp"

namespace whylink::daemon {

struct Worker::Impl {
    Impl(std::size_t limit, const char* thread_name) : max_waiting(limit), name(thread_name) {}

    void run() noexcept;
    /// The next job; an empty one when it is time to stop.
    std::function<void()> next();
    void stop();

    const std::size_t max_waiting;
    const std::string name;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> waiting;
    bool stopping = false;
    std::thread thread;
};

void Worker::Impl::run() noexcept {
    probes::become_background_thread(name.c_str());
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

Worker::Worker(std::size_t max_waiting, const char* name) : impl_(std::make_unique<Impl>(max_waiting, name)) {
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
