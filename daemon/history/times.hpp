// Times as the file of the history has them.
#pragma once

#include <chrono>
#include <cstdint>

namespace whylink::daemon {

/// What changed is looked for now and then: it may be seen only after the round that it made fail.
inline constexpr auto attribution_grace = std::chrono::seconds(10);

/// The same since the start of that round, which may take some time itself.
inline constexpr auto stored_attribution = std::chrono::seconds(30);

inline std::int64_t milliseconds_of(std::chrono::system_clock::time_point time) {
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

inline std::chrono::system_clock::time_point time_of(std::int64_t milliseconds) {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(milliseconds));
}

}  // namespace whylink::daemon
