// Runs coroutines side by side on one executor and waits for all of them.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <vector>

namespace whylink::probes {

/// Starts every task at once and returns when the last has ended. An exception of a task is a defect of that
/// task: the first one is thrown again, after all have ended.
asio::awaitable<void> gather(std::vector<asio::awaitable<void>> tasks);

/// The same with at most `at_once` tasks under way (at least one): each that ends makes room for the next, in their
/// order. Before each but the first `at_once`, `go_on` is asked (empty: always); once it says no, the rest is never
/// started. Returns how many were.
asio::awaitable<std::size_t> gather_few(std::vector<asio::awaitable<void>> tasks, std::size_t at_once,
                                        std::function<bool()> go_on = {});

}  // namespace whylink::probes
