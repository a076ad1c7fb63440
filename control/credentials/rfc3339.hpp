// "2026-01-01T00:00:00Z" and with a fraction, in UTC; of the years that a clock can count, 1970 to 2261.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace whylink::control {

std::optional<std::chrono::system_clock::time_point> parse_rfc3339(const std::string& text);

}  // namespace whylink::control
