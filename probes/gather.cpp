#include "probes/gather.hpp"

#include <asio/co_spawn.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cstddef>
#include <exception>
#include <utility>

namespace whylink::probes {

asio::awaitable<void> gather(std::vector<asio::awaitable<void>> tasks) {
    if (tasks.empty()) {
        co_return;
    }
    const auto executor = co_await asio::this_coro::executor;
    // A timer that never expires serves as the condition: the last task to end cancels it.
    asio::steady_timer all_ended(executor, asio::steady_timer::time_point::max());
    std::size_t running = tasks.size();
    std::exception_ptr failure;
    for (auto& task : tasks) {
        asio::co_spawn(executor, std::move(task), [&](const std::exception_ptr& thrown) {
            if (thrown && !failure) {
                failure = thrown;
            }
            if (--running == 0) {
                all_ended.cancel();
            }
        });
    }
    // The tasks hold references into this frame, so a cancellation from outside waits for them as well.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    while (running > 0) {
        co_await all_ended.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace whylink::probes
