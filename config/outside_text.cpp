#include "config/outside_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "config/ascii.hpp"
#include "config/utf8.hpp"

namespace whylink {
namespace {

constexpr std::string_view mark_begin = "… (";
constexpr std::string_view mark_end = " B left out)";
constexpr std::size_t max_escape = 10;  // \u{10ffff}

bool is_control_character(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool is_invisible(char32_t c) {
    return c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x2069) || c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f);
}

/// In hexadecimal, of at least `digits` figures.
void append_hex(std::string& text, std::uint32_t value, std::size_t digits) {
    std::array<char, 8> figures{};
    const char* const end = std::to_chars(figures.data(), figures.data() + figures.size(), value, 16).ptr;
    const std::string_view number(figures.data(), static_cast<std::size_t>(end - figures.data()));
    text.append(digits - std::min(digits, number.size()), '0');
    text += number;
}

void append_byte(std::string& text, unsigned char byte) {
    text += "\\x";
    append_hex(text, byte, 2);
}

/// Appends the character, or the byte that is none, at the start of `rest` and gives how many bytes that took.
using AppendNext = std::size_t (*)(std::string& text, std::string_view rest);

std::size_t append_utf8(std::string& text, std::string_view rest) {
    const std::optional<CodePoint> character = first_character(rest);
    if (!character) {
        append_byte(text, static_cast<unsigned char>(rest.front()));
        return 1;
    }
    text += rest.substr(0, character->length);
    return character->length;
}

std::size_t append_printable(std::string& text, std::string_view rest) {
    const std::optional<CodePoint> character = first_character(rest);
    if (character && is_control_character(character->value)) {
        append_byte(text, static_cast<unsigned char>(character->value));
        return character->length;
    }
    if (character && is_invisible(character->value)) {
        text += "\\u{";
        append_hex(text, static_cast<std::uint32_t>(character->value), 1);
        text += '}';
        return character->length;
    }
    return append_utf8(text, rest);
}

std::size_t append_ascii(std::string& text, std::string_view rest) {
    const char byte = rest.front();
    if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
        text += byte;
    } else {
        append_byte(text, static_cast<unsigned char>(byte));
    }
    return 1;
}

struct Beginning {
    std::string text;
    std::size_t left_out = 0;  ///< bytes of what it is the beginning of
};

Beginning beginning_of(std::string_view text, std::size_t most, AppendNext append_next) {
    Beginning made;
    made.text.reserve(std::min(text.size(), most) + max_escape);
    while (!text.empty()) {
        const std::size_t before = made.text.size();
        const std::size_t taken = append_next(made.text, text);
        if (made.text.size() > most) {
            made.text.resize(before);
            break;
        }
        text.remove_prefix(taken);
    }
    made.left_out = text.size();
    return made;
}

std::string with_mark(Beginning made) {
    if (made.left_out > 0) {
        made.text += mark_begin;
        made.text += std::to_string(made.left_out);
        made.text += mark_end;
    }
    return std::move(made.text);
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    return beginning_of(text, std::string::npos, append_utf8).text;
}

std::string printable(std::string_view text) {
    return beginning_of(text, std::string::npos, append_printable).text;
}

std::string outside_text(std::string_view text, std::size_t most, std::size_t further) {
    Beginning made = beginning_of(text, most, append_printable);
    made.left_out += further;
    return with_mark(std::move(made));
}

std::string outside_ascii(std::string_view bytes, std::size_t most) {
    return with_mark(beginning_of(bytes, most, append_ascii));
}

std::string shortened(std::string_view text, std::size_t most) {
    Beginning made = beginning_of(text, most, append_printable);
    if (made.left_out > 0) {
        made.text += "…";
    }
    return std::move(made.text);
}

bool is_cut(std::string_view text) {
    // Names are compared in lower case, so it may be asked of one that is.
    const std::size_t end = text.size() - std::min(text.size(), mark_end.size());
    if (lower_case(text.substr(end)) != lower_case(mark_end)) {
        return false;
    }
    text = text.substr(0, end);
    const std::size_t digits_at = text.find_last_not_of("0123456789") + 1;
    return digits_at < text.size() && text.substr(0, digits_at).ends_with(mark_begin);
}

}  // namespace whylink
