// The characters of a text that may be anything (RFC 3629).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace whylink {

struct CodePoint {
    char32_t value = 0;
    std::size_t length = 0;  ///< bytes
};

/// The well-formed sequence at the start of `text`, which is not empty; nothing where there is none.
std::optional<CodePoint> first_character(std::string_view text);

/// Calls `on_character(code point, its bytes)`, or `on_byte(byte)` for what is no UTF-8.
template <class OnCharacter, class OnByte>
void for_each_character(std::string_view text, OnCharacter on_character, OnByte on_byte) {
    while (!text.empty()) {
        const std::optional<CodePoint> character = first_character(text);
        if (character) {
            on_character(character->value, text.substr(0, character->length));
        } else {
            on_byte(static_cast<unsigned char>(text.front()));
        }
        text.remove_prefix(character ? character->length : 1);
    }
}

}  // namespace whylink
