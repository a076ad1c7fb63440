#include "probes/off_loop.hpp"

#include <pthread.h>

#include <asio/async_result.hpp>
#include <asio/execution_context.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <csignal>
#include <memory>
#include <utility>

#include "probes/background_thread.hpp"

namespace whylink::probes {
namespace {

constexpr std::size_t threads = 2;

bool step_back() {
    become_background_thread("whylink-compute");
    return true;
}

/// Signals are for the threads that wait for them.
std::unique_ptr<asio::thread_pool> pool_without_signals() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    auto pool = std::make_unique<asio::thread_pool>(threads);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return pool;
}

/// One for each event loop, made at its first use. Shut down before the loop's own queue, which takes what ends meanwhile.
class Pool : public asio::execution_context::service {
  public:
    using key_type = Pool;
    static asio::execution_context::id id;

    explicit Pool(asio::execution_context& context) : service(context), pool_(pool_without_signals()) {}
    asio::thread_pool& get() { return *pool_; }

  private:
    /// Twice, by later versions of Asio: by the destructor of io_context and by that of its base.
    void shutdown() override {
        if (pool_ != nullptr) {
            pool_->stop();
            pool_->join();
            pool_.reset();
        }
    }

    std::unique_ptr<asio::thread_pool> pool_;
};

asio::execution_context::id Pool::id;

}  // namespace

asio::awaitable<void> off_loop(std::function<void()> work) {
    const auto executor = co_await asio::this_coro::executor;
    asio::thread_pool& pool = asio::use_service<Pool>(asio::query(executor, asio::execution::context)).get();
    const auto start = [&pool, &work, &executor](auto handler) {
        // The loop has nothing else to do, perhaps, and is not to end.
        auto job = [work = std::move(work), executor, under_way = asio::make_work_guard(executor),
                    handler = std::move(handler)]() mutable {
            static thread_local const bool stepped_back = step_back();
            static_cast<void>(stepped_back);
            work();
            asio::post(executor, std::move(handler));
        };
        asio::post(pool, std::move(job));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
}

}  // namespace whylink::probes
