// Durations and sizes as the config writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace whylink::config {

/// "250ms", "5s", "1.5s", "2m", "1h", "14d": a non-negative number and a unit. Nothing for anything else, for
/// more than 10 years (of 365 days), and for what is no whole number of milliseconds.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// A whole number of the largest unit that gives one; parses back to the same duration.
std::string format_duration(std::chrono::milliseconds value);

/// "256MiB", "1GiB", "64KiB", "100MB", "512B", also TiB, kB (or KB), GB and TB: bytes. Nothing for anything
/// else, for 2^60 and more, and for what is no whole number of bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// A whole number of the largest binary unit that gives one; parses back to the same size.
std::string format_size(std::uint64_t bytes);

}  // namespace whylink::config
