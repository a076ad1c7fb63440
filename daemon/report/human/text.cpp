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

/// How many bytes of `utf8` have room in `width` columns.
std::size_t bytes_within(std::string_view utf8, std::size_t width) {
    std::size_t bytes = 0;
    std::size_t used = 0;
    bool full = false;
    const auto take = [&](std::size_t columns, std::size_t length) {
        full = full || used + columns > width;
        if (!full) {
            used += columns;
            bytes += length;
        }
    };
    for_each_character(
        utf8, [&](char32_t c, std::string_view character) { take(width_of(c), character.size()); },
        [&](unsigned char) { take(1, 1); });
    return bytes;
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

/// Not a name, an address or a word of a configuration.
bool is_word(std::string_view word) {
    return std::ranges::all_of(
        word, [](char c) { return is_lower(c) || c == '-' || c == '\'' || c == ',' || c == ':'; });
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

std::vector<std::string> wrap_within(std::string_view utf8, std::size_t width) {
    std::vector<std::string> lines;
    for (const std::string& line : wrap(utf8, width)) {
        std::string_view rest = line;
        while (display_width(rest) > width) {
            const std::size_t bytes = bytes_within(rest, width);
            if (bytes == 0) {
                break;
            }
            lines.emplace_back(rest.substr(0, bytes));
            rest.remove_prefix(bytes);
        }
        lines.emplace_back(rest);
    }
    return lines;
}

std::string cut(std::string_view utf8, std::size_t width, std::string_view mark) {
    if (display_width(utf8) <= width) {
        return std::string(utf8);
    }
    const std::size_t room = width - std::min(width, display_width(mark));
    return std::string(utf8.substr(0, bytes_within(utf8, room))).append(mark);
}

std::string capitalised(std::string text) {
    const std::string_view word = std::string_view(text).substr(0, text.find(' '));
    if (!word.empty() && is_lower(word.front()) && is_word(word)) {
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    }
    return text;
}

std::string sentence(std::string text) {
    if (!text.empty() && std::string_view(".!?").find(text.back()) == std::string_view::npos) {
        text += '.';
    }
    return capitalised(std::move(text));
}

std::string age_text(std::chrono::seconds age) {
    const auto seconds = std::max<std::chrono::seconds::rep>(age.count(), 0);
    constexpr std::chrono::seconds::rep minute = 60;
    constexpr std::chrono::seconds::rep hour = 60 * minute;
    if (seconds < 2 * minute) {
        return fmt::format("{} s", seconds);
    }
    if (seconds < 2 * hour) {
        return fmt::format("{} min", seconds / minute);
    }
    return seconds < 48 * hour ? fmt::format("{} hours", seconds / hour)
                               : fmt::format("{} days", seconds / (24 * hour));
}

std::string clock_text(std::chrono::system_clock::time_point time,
                       std::chrono::system_clock::time_point now) {
    constexpr std::size_t date = 10;    // "2026-01-01"
    constexpr std::size_t minutes = 5;  // "13:48"
    const std::string whole = rfc3339(time);
    const std::string clock = whole.substr(date + 1, minutes) + " UTC";
    return now - time < std::chrono::hours(24) ? clock : whole.substr(0, date) + " " + clock;
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
