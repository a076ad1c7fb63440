// "2026-01-01T00:00:00Z" and with a fraction, in UTC.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace whylink::control {

std::optional<std::chrono::system_clock::time_point> parse_rfc3339(const std::string& text);

}  // namespace whylink::control
