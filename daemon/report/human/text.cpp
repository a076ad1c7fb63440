#include "daemon/report/human/text.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace whylink::daemon {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t length = 0;  ///< bytes
};

/// The shortest code point that needs so many bytes; a shorter one in them is over-long and not UTF-8.
constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};

/// The well-formed sequence at the start of `text`, if there is one.
std::optional<CodePoint> decode(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
        return CodePoint{lead, 1};
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
        return std::nullopt;
    }
    char32_t value = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0U) != 0x80) {
            return std::nullopt;
        }
        value = (value << 6U) | (byte & 0x3fU);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < smallest[length] || value > 0x10ffff || surrogate) {
        return std::nullopt;
    }
    return CodePoint{value, length};
}

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool is_invisible(char32_t c) {
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
           c == 0xfeff;
}

/// Calls `on_character(code point, its bytes)`, or `on_byte(byte)` for what is no UTF-8.
template <class OnCharacter, class OnByte>
void for_each(std::string_view text, OnCharacter on_character, OnByte on_byte) {
    while (!text.empty()) {
        const auto character = decode(text);
        if (character) {
            on_character(character->value, text.substr(0, character->length));
        } else {
            on_byte(static_cast<unsigned char>(text.front()));
        }
        text.remove_prefix(character ? character->length : 1);
    }
}

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

std::string valid_utf8(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for_each(
        text, [&](char32_t, std::string_view bytes) { result += bytes; },
        [&](unsigned char byte) { result += fmt::format("\\x{:02x}", byte); });
    return result;
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for_each(
        text,
        [&](char32_t c, std::string_view bytes) {
            if (is_control(c)) {
                result += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(c));
            } else if (is_invisible(c)) {
                result += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c));
            } else {
                result += bytes;
            }
        },
        [&](unsigned char byte) { result += fmt::format("\\x{:02x}", byte); });
    return result;
}

std::string to_ascii(std::string_view utf8) {
    std::string result;
    for_each(
        utf8, [&](char32_t c, std::string_view bytes) { result += c < 0x80 ? bytes : ascii_form(c); },
        [&](unsigned char) { result += '?'; });
    return result;
}

std::size_t display_width(std::string_view utf8) {
    std::size_t width = 0;
    for_each(
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
