#include "probes/app/codecs/hpack.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "config/ascii.hpp"

namespace whylink::probes::hpack {
namespace {

// ---- the static table (appendix A) ----

constexpr unsigned authority_index = 1;
constexpr char method_get = '\x82';
constexpr unsigned path_index = 4;
constexpr char path_root = '\x84';
constexpr char scheme_http = '\x86';
constexpr char scheme_https = '\x87';
constexpr unsigned first_status = 8;
constexpr std::array<int, 7> statuses{200, 204, 206, 304, 400, 404, 500};
constexpr unsigned accept_index = 19;
constexpr unsigned user_agent_index = 58;

// ---- writing ----

/// In a prefix of `bits` bits (section 5.1); what stands before it is in `pattern`.
void append_integer(std::string& out, unsigned pattern, unsigned bits, std::size_t value) {
    const std::size_t most = (1U << bits) - 1;
    if (value < most) {
        out += static_cast<char>(pattern | value);
        return;
    }
    out += static_cast<char>(pattern | most);
    for (value -= most; value >= 0x80; value >>= 7U) {
        out += static_cast<char>(0x80U | (value & 0x7fU));
    }
    out += static_cast<char>(value);
}

/// A field that is not indexed, with an indexed name (section 6.2.2), its value without Huffman's code.
void append_field(std::string& out, unsigned name, std::string_view value) {
    append_integer(out, 0, 4, name);
    append_integer(out, 0, 7, value.size());
    out += value;
}

// ---- reading ----

struct Reader {
    std::string_view bytes;

    std::optional<unsigned> peek() const {
        return bytes.empty() ? std::nullopt
                             : std::optional<unsigned>(static_cast<unsigned char>(bytes.front()));
    }

    /// Of a prefix of `bits` bits; nothing where it is cut off, or larger than anything that is read here.
    std::optional<std::size_t> integer(unsigned bits) {
        const auto first = peek();
        if (!first) {
            return std::nullopt;
        }
        bytes.remove_prefix(1);
        const std::size_t most = (1U << bits) - 1;
        std::size_t value = *first & most;
        if (value < most) {
            return value;
        }
        constexpr unsigned max_shift = 21;
        for (unsigned shift = 0; shift <= max_shift; shift += 7) {
            const auto next = peek();
            if (!next) {
                return std::nullopt;
            }
            bytes.remove_prefix(1);
            value += static_cast<std::size_t>(*next & 0x7fU) << shift;
            if ((*next & 0x80U) == 0) {
                return value;
            }
        }
        return std::nullopt;
    }
};

/// Huffman's code of digits (appendix B): 0, 1 and 2 have five bits, which are their values; the others six, from 25
/// for 3 on.
std::string digits_of_huffman(std::string_view coded) {
    std::string digits;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char byte : coded) {
        bits = bits << 8U | static_cast<unsigned char>(byte);
        count += 8;
        while (count >= 6) {
            const unsigned five = bits >> (count - 5) & 0x1fU;
            const unsigned six = bits >> (count - 6) & 0x3fU;
            if (five <= 2) {
                digits += static_cast<char>('0' + five);
                count -= 5;
            } else if (six >= 0x19 && six <= 0x1f) {
                digits += static_cast<char>('3' + six - 0x19);
                count -= 6;
            } else {
                return digits;  // the padding, or no digit
            }
        }
        bits &= (1U << count) - 1;
    }
    if (count == 5 && bits <= 2) {
        digits += static_cast<char>('0' + bits);
    }
    return digits;
}

std::optional<int> literal_status(Reader& reader) {
    const bool huffman = (reader.peek().value_or(0) & 0x80U) != 0;
    const auto length = reader.integer(7);
    if (!length || *length == 0 || *length > reader.bytes.size()) {
        return std::nullopt;
    }
    const std::string_view value = reader.bytes.substr(0, *length);
    const auto number = parse_number<unsigned>(huffman ? digits_of_huffman(value) : std::string(value));
    return number && *number >= 100 && *number <= 999 ? std::optional(static_cast<int>(*number))
                                                      : std::nullopt;
}

}  // namespace

std::string get_request(std::string_view scheme, std::string_view authority, std::string_view path,
                        std::string_view user_agent) {
    std::string block{method_get, scheme == "https" ? scheme_https : scheme_http};
    if (path == "/") {
        block += path_root;
    } else {
        append_field(block, path_index, path);
    }
    append_field(block, authority_index, authority);
    append_field(block, user_agent_index, user_agent);
    append_field(block, accept_index, "*/*");
    return block;
}

std::optional<int> status(std::string_view block) {
    Reader reader{block};
    // Updates of the table's size come first (section 4.2).
    while (reader.peek() && (*reader.peek() & 0xe0U) == 0x20) {
        if (!reader.integer(5)) {
            return std::nullopt;
        }
    }
    const unsigned first = reader.peek().value_or(0);
    const bool indexed = (first & 0x80U) != 0;
    const auto index = reader.integer(indexed ? 7 : (first & 0x40U) != 0 ? 6 : 4);
    if (!index || *index < first_status || *index >= first_status + statuses.size()) {
        return std::nullopt;
    }
    return indexed ? statuses[*index - first_status] : literal_status(reader);
}

}  // namespace whylink::probes::hpack
