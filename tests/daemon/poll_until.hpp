// Waiting for what a test expects to happen.
#pragma once

#include <chrono>
#include <thread>

namespace whylink::daemon_test {

/// So long that only what never happens takes longer, on a busy machine and under sanitizers too.
inline constexpr std::chrono::seconds deadline{30};

/// False when the condition did not hold within the deadline.
template <class Condition>
bool poll_until(Condition condition, std::chrono::steady_clock::duration within = deadline) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace whylink::daemon_test
