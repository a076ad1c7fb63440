#include "probes/gather.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cstddef>
#include <exception>
#include <utility>

namespace whylink::probes {
namespace {

struct Line {
    std::vector<asio::awaitable<void>> tasks;
    std::size_t started = 0;
    std::size_t at_once = 1;
    std::function<bool()> go_on;
};

/// Takes one task after the other from the front of the line. An exception of one is kept until the line is empty: the
/// others are no less wanted.
asio::awaitable<void> serve(Line& line) {
    std::exception_ptr failure;
    while (line.started < line.tasks.size()) {
        if (line.started >= line.at_once && line.go_on && !line.go_on()) {
            break;
        }
        asio::awaitable<void> task = std::move(line.tasks[line.started++]);
        try {
            co_await std::move(task);
        } catch (...) {
            failure = failure ? failure : std::current_exception();
        }
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace

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

asio::awaitable<std::size_t> gather_few(std::vector<asio::awaitable<void>> tasks, std::size_t at_once,
                                        std::function<bool()> go_on) {
    const std::size_t count = tasks.size();
    if (count <= at_once) {
        co_await gather(std::move(tasks));
        co_return count;
    }
    Line line{std::move(tasks), 0, std::max<std::size_t>(at_once, 1), std::move(go_on)};
    std::vector<asio::awaitable<void>> servers;
    for (std::size_t i = 0; i < line.at_once; ++i) {
        servers.push_back(serve(line));
    }
    co_await gather(std::move(servers));
    co_return line.started;
}

}  // namespace whylink::probes
