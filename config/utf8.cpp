#include "config/utf8.hpp"

#include <array>

namespace whylink {
namespace {

/// The smallest code point that needs so many bytes; a smaller one in them is over-long and not UTF-8.
constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};

}  // namespace

std::optional<CodePoint> first_character(std::string_view text) {
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

}  // namespace whylink
