#include "daemon/commands/foreign_report.hpp"

#include <fmt/format.h>

#include "config/ascii.hpp"
#include "config/outside_text.hpp"
#include "config/utf8.hpp"

namespace whylink::daemon {
namespace {

/// Bytes of the colour that `text` begins with; 0 when it is another sequence, which could write to the terminal's
/// clipboard, title or answer-back.
std::size_t colour_length(std::string_view text) {
    constexpr std::size_t max_length = 24;
    if (!text.starts_with("\x1b[")) {
        return 0;
    }
    for (std::size_t i = 2; i < text.size() && i < max_length; ++i) {
        if (text[i] == 'm') {
            return i + 1;
        }
        if (!is_digit(text[i]) && text[i] != ';') {
            break;
        }
    }
    return 0;
}

std::string json_escape(char32_t character) {
    constexpr char32_t first_of_pairs = 0x10000;
    const auto value = static_cast<unsigned>(character);
    if (character < first_of_pairs) {
        return fmt::format("\\u{:04x}", value);
    }
    const unsigned rest = value - first_of_pairs;
    return fmt::format("\\u{:04x}\\u{:04x}", 0xd800U + (rest >> 10U), 0xdc00U + (rest & 0x3ffU));
}

std::string fit(std::string_view bytes, ReportText kind) {
    std::string shown = printable(bytes);
    if (shown == bytes || kind != ReportText::json) {
        return shown;
    }
    const auto character = first_character(bytes);
    return character ? json_escape(character->value) : "\\ufffd";
}

}  // namespace

std::string fit_for_terminal(std::string_view report, ReportText kind) {
    std::string result;
    result.reserve(report.size());
    while (!report.empty()) {
        const char first = report.front();
        if (first == '\n' || first == '\t' || (first >= ' ' && first < 0x7f)) {
            result += first;
            report.remove_prefix(1);
            continue;
        }
        const std::size_t colour = kind == ReportText::coloured ? colour_length(report) : 0;
        const auto character = colour > 0 ? std::nullopt : first_character(report);
        const std::size_t length = colour > 0 ? colour : character ? character->length : 1;
        const std::string_view bytes = report.substr(0, length);
        result += colour > 0 ? std::string(bytes) : fit(bytes, kind);
        report.remove_prefix(length);
    }
    return result;
}

}  // namespace whylink::daemon
