// Work that takes milliseconds, on threads of its own, so that the event loop goes on meanwhile.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>

namespace whylink::probes {

/// Runs `work` on one of two threads of the event loop's context, and resumes on the loop. `work` must not throw, and touches
/// nothing that the loop may touch meanwhile; what it refers to must outlive the coroutine. Whoever destroys the context
/// waits for what has begun; the rest is dropped.
asio::awaitable<void> off_loop(std::function<void()> work);

}  // namespace whylink::probes
