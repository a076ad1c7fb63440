#include "daemon/report/human/text.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdint>

#include "config/utf8.hpp"

namespace whylink::daemon {
namespace {

std::string_view ascii_form(char32_t c) {
    switch (c) {
        case 0x2010:
        case 0x2011:
        case 0x2012:
        case 0x2013:
        case 0x2014:
            return "-";
        case 0x2018:
        case 0x2019:
            return "'";
        case 0x201c:
        case 0x201d:
            return "\"";
        case 0x2026:
            return "...";
        case 0x2192:
            return "->";
        case 0x00b7:
        case 0x2022:
            return "-";
        default:
            return "?";
    }
}

std::size_t width_of(char32_t c) {
    if (c >= 0x300 && c <= 0x36f) {
        return 0;
    }
    const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                      (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                      (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                      (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

}  // namespace

std::string to_ascii(std::string_view utf8) {
    std::string result;
    for_each_character(
        utf8, [&](char32_t c, std::string_view bytes) { result += c < 0x80 ? bytes : ascii_form(c); },
        [&](unsigned char) { result += '?'; });
    return result;
}

std::size_t display_width(std::string_view utf8) {
    std::size_t width = 0;
    for_each_character(
        utf8, [&](char32_t c, std::string_view) { width += width_of(c); }, [&](unsigned char) { ++width; });
    return width;
}

std::vector<std::string> wrap(std::string_view utf8, std::size_t width) {
    std::vector<std::string> lines{""};
    std::size_t used = 0;
    while (!utf8.empty()) {
        const std::size_t end = std::min(utf8.find(' '), utf8.size());
        const std::string_view word = utf8.substr(0, end);
        utf8.remove_prefix(std::min(end + 1, utf8.size()));
        if (word.empty()) {
            continue;
        }
        const std::size_t columns = display_width(word);
        if (!lines.back().empty() && used + 1 + columns > width) {
            lines.emplace_back();
            used = 0;
        }
        if (!lines.back().empty()) {
            lines.back() += ' ';
            ++used;
        }
        lines.back() += word;
        used += columns;
    }
    return lines;
}

std::string abridged(std::vector<std::string> items, std::size_t most, std::size_t further) {
    if (items.size() > most) {
        further += items.size() - most;
        items.resize(most);
    }
    const std::string text = fmt::format("{}", fmt::join(items, ", "));
    return further == 0 ? text : fmt::format("{} and {} more", text, further);
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
    using std::chrono::milliseconds;
    const auto since_epoch = std::chrono::floor<milliseconds>(time.time_since_epoch());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    // Certificates may claim any year; RFC 3339 has four digits for it.
    constexpr std::int64_t first = -62'167'219'200;  // 0000-01-01
    constexpr std::int64_t last = 253'402'300'799;   // 9999-12-31
    const std::time_t clamped = std::clamp<std::int64_t>(seconds.count(), first, last);
    std::tm parts{};
    gmtime_r(&clamped, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       (since_epoch - seconds).count());
}

}  // namespace whylink::daemon
