// Documents of BSON 1.1 (bsonspec.org), as much as a server's `hello` needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace whylink::probes::bson {

struct Element {
    std::uint8_t type = 0;
    std::string_view name;
    std::string_view value;  ///< its bytes; of a text, a document and an array without the length in front
};

inline constexpr std::uint8_t type_double = 0x01;
inline constexpr std::uint8_t type_text = 0x02;
inline constexpr std::uint8_t type_document = 0x03;
inline constexpr std::uint8_t type_array = 0x04;
inline constexpr std::uint8_t type_bool = 0x08;
inline constexpr std::uint8_t type_int32 = 0x10;
inline constexpr std::uint8_t type_int64 = 0x12;

/// The elements of a document, one after the other; what it gives refers to the document. It ends early at what it
/// cannot read.
class Reader {
  public:
    /// With its length in front, or (`inner`) as a value of an Element.
    explicit Reader(std::string_view document, bool inner = false);
    std::optional<Element> next();

  private:
    std::string_view rest_;
};

/// Of a double, an int32 or an int64, without its fraction; nothing for other types, and for what is beyond int32.
std::optional<std::int32_t> number(const Element& element);
/// Likewise, and of a bool.
bool is_true(const Element& element);

/// {"hello": 1, "$db": "admin"}
std::string_view hello_document();

}  // namespace whylink::probes::bson
