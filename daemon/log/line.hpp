// A record as it is written: lines of text, or one line of JSON. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "daemon/log/record.hpp"

namespace whylink::daemon {

inline constexpr std::size_t max_detail_lines = 256;
/// All of a record is in one line of JSON, so that there is more in it.
inline constexpr std::size_t max_json_line = 32768;

enum class LineStyle : std::uint8_t {
    plain,    ///< "TIME LEVEL MESSAGE", the time in UTC
    journal,  ///< "<N>LEVEL MESSAGE", N as in sd-daemon(3); the journal has the time
};

/// "<N>", as sd-daemon(3) has it before a line.
std::string priority_mark(config::LogLevel level);

/// The message's line and, indented beneath it, one for each detail, all with their line feed. Whatever the
/// texts hold, they make no further line and do nothing to a terminal; a line has at most max_line bytes, so that neither
/// journald nor syslog splits it, and there are at most max_detail_lines beneath it.
std::string text_lines(const Record& record, std::chrono::system_clock::time_point time, LineStyle style);

/// An object with `time`, `level`, `event`, `message` and the fields, and a line feed; always valid UTF-8. Of a record that
/// needs more than max_json_line bytes, texts and lists are cut, each with a mark, until it does not.
std::string json_line(const Record& record, std::chrono::system_clock::time_point time);

}  // namespace whylink::daemon
