// Durations and sizes as the config writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace whylink::config {

/// "250ms", "5s", "1.5s", "2m", "1h", "14d": a non-negative number and a unit. Nothing for anything else, or for
/// more than 10 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The shortest text that parses back to the same duration.
std::string format_duration(std::chrono::milliseconds value);

/// "256MiB", "1GiB", "64KiB", "100MB", "512B": bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

}  // namespace whylink::config
