#include "probes/app/codecs/bson.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

namespace whylink::probes::bson {
namespace {

using std::string_view_literals::operator""sv;

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
        value = value << 8U | static_cast<unsigned char>(bytes[i - 1]);
    }
    return value;
}

/// What the four bytes of length in front say, and `more`; nothing where they are not there.
std::optional<std::size_t> behind_length(std::string_view rest, std::size_t more) {
    if (rest.size() < 4) {
        return std::nullopt;
    }
    return little_endian(rest.substr(0, 4)) + more;
}

/// How much a value takes of `rest`, which begins with it.
std::optional<std::size_t> size_of(std::uint8_t type, std::string_view rest) {
    switch (type) {
        case type_double:
        case 0x09:  // UTC date and time
        case 0x11:  // timestamp
        case type_int64:
            return 8;
        case type_int32:
            return 4;
        case type_bool:
            return 1;
        case 0x06:  // undefined
        case 0x0a:  // null
        case 0xff:  // min key
        case 0x7f:  // max key
            return 0;
        case 0x07:  // ObjectId
            return 12;
        case 0x13:  // decimal128
            return 16;
        case type_text:
        case 0x0d:  // JavaScript
        case 0x0e:  // symbol
            return behind_length(rest, 4);
        case type_document:
        case type_array:
            return behind_length(rest, 0);
        case 0x05:  // binary: a subtype behind the length
            return behind_length(rest, 5);
        default:
            return std::nullopt;
    }
}

/// Without the length in front and, of a text, the NUL behind.
std::string_view inner(std::uint8_t type, std::string_view value) {
    constexpr std::size_t length = 4;
    const bool framed = type == type_text || type == type_document || type == type_array;
    if (!framed || value.size() < length) {
        return value;
    }
    value.remove_prefix(length);
    if (type == type_text && value.ends_with('\0')) {
        value.remove_suffix(1);
    }
    return value;
}

}  // namespace

Reader::Reader(std::string_view document, bool is_inner) : rest_(document) {
    constexpr std::size_t length = 4;
    if (!is_inner) {
        rest_.remove_prefix(rest_.size() < length ? rest_.size() : length);
    }
}

std::optional<Element> Reader::next() {
    const std::size_t name_end = rest_.find('\0', 1);
    if (rest_.empty() || rest_.front() == '\0' || name_end == std::string_view::npos) {
        return std::nullopt;
    }
    Element element;
    element.type = static_cast<std::uint8_t>(rest_.front());
    element.name = rest_.substr(1, name_end - 1);
    rest_.remove_prefix(name_end + 1);
    const std::optional<std::size_t> size = size_of(element.type, rest_);
    if (!size || *size > rest_.size()) {
        rest_ = {};
        return std::nullopt;
    }
    element.value = inner(element.type, rest_.substr(0, *size));
    rest_.remove_prefix(*size);
    return element;
}

std::optional<std::int32_t> number(const Element& element) {
    constexpr auto most = std::numeric_limits<std::int32_t>::max();
    if (element.type == type_double) {
        const auto value = std::bit_cast<double>(little_endian(element.value));
        return std::abs(value) <= most ? std::optional(static_cast<std::int32_t>(value)) : std::nullopt;
    }
    if (element.type == type_int32) {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(little_endian(element.value)));
    }
    if (element.type == type_int64) {
        const auto value = static_cast<std::int64_t>(little_endian(element.value));
        return value >= -most && value <= most ? std::optional(static_cast<std::int32_t>(value))
                                               : std::nullopt;
    }
    return std::nullopt;
}

bool is_true(const Element& element) {
    return element.type == type_bool ? element.value == "\1"sv : number(element).value_or(0) != 0;
}

std::string_view hello_document() {
    return "\x1f\0\0\0"
           "\x10hello\0\x01\0\0\0"
           "\x02$db\0\x06\0\0\0"
           "admin\0"
           "\0"sv;
}

}  // namespace whylink::probes::bson
