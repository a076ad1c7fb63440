// Runs a coroutine to its end on a loop of its own.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace whylink::probes {

/// What the coroutine returned. Rethrows what it threw.
template <typename T>
T run_probe(asio::io_context& loop, asio::awaitable<T> coroutine) {
    std::optional<T> result;
    std::exception_ptr thrown;
    asio::co_spawn(loop, std::move(coroutine), [&](const std::exception_ptr& failure, T value) {
        thrown = failure;
        result.emplace(std::move(value));
    });
    loop.restart();
    loop.run();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return std::move(*result);
}

template <typename T>
T run_probe(asio::awaitable<T> coroutine) {
    asio::io_context loop;
    return run_probe(loop, std::move(coroutine));
}

}  // namespace whylink::probes
