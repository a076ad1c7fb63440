// Runs coroutines side by side on one executor and waits for all of them.
#pragma once

#include <asio/awaitable.hpp>
#include <vector>

namespace whylink::probes {

/// Starts every task at once and returns when the last has ended. An exception of a task is a defect of that
/// task: the first one is thrown again, after all have ended.
asio::awaitable<void> gather(std::vector<asio::awaitable<void>> tasks);

}  // namespace whylink::probes
