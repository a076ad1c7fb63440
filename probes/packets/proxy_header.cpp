#include "probes/packets/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "config/resolver_text.hpp"
#include "probes/packets/read_bytes.hpp"

namespace whylink::probes {
namespace {

// ---- version 1: a line of text (section 2.1) ----

constexpr std::size_t max_text_line = 107;  // with CR LF
constexpr std::string_view line_begin = "PROXY ";

/// Takes the words of a line one by one. The last word of a line that is cut off may not be all of it.
class Words {
  public:
    Words(std::string_view text, bool cut) : rest_(text), cut_(cut) {}
    /// Nothing when the line has ended before, or is cut off within the word: see cut_short().
    std::optional<std::string_view> next() {
        const auto space = rest_.find(' ');
        if (space == std::string_view::npos && cut_) {
            return std::nullopt;
        }
        const auto word = rest_.substr(0, space);
        ended_ = space == std::string_view::npos;
        rest_.remove_prefix(ended_ ? rest_.size() : space + 1);
        return word;
    }
    bool cut_short() const { return cut_ && rest_.find(' ') == std::string_view::npos; }
    std::string_view rest() const { return rest_; }
    bool ended() const { return ended_; }

  private:
    std::string_view rest_;
    bool cut_;
    bool ended_ = false;
};

bool begins_a_family(std::string_view word) {
    const std::array<std::string_view, 3> families{"TCP4", "TCP6", "UNKNOWN"};
    return std::ranges::any_of(
        families, [&](std::string_view family) { return family.substr(0, word.size()) == word; });
}

/// The characters that addresses and ports are written with.
bool begins_a_field(std::string_view word) {
    return word.find_first_not_of("0123456789abcdefABCDEF:.\r") == std::string_view::npos;
}

/// Fills in the addresses and ports as far as they go; false for what the text does not allow.
bool read_endpoints(Words& words, bool v6, ProxyHeader& header) {
    for (auto* address : {&header.source, &header.destination}) {
        if (words.cut_short()) {
            return begins_a_field(words.rest());
        }
        *address = IpAddress::parse(words.next().value_or(""));
        if (!*address || (*address)->is_v6() != v6 || words.ended()) {
            return false;
        }
    }
    for (auto* port : {&header.source_port, &header.destination_port}) {
        if (words.cut_short()) {
            return begins_a_field(words.rest());
        }
        // Without a leading zero, as the text demands.
        const auto number = config::parse_port(words.next().value_or(""));
        if (!number || words.ended() != (port == &header.destination_port)) {
            return false;
        }
        *port = *number;
    }
    return true;
}

std::optional<ProxyHeader> read_line(std::string_view text) {
    const auto end = text.substr(0, max_text_line).find("\r\n");
    if (end == std::string_view::npos && text.size() >= max_text_line) {
        return std::nullopt;
    }
    ProxyHeader header;
    header.version = 1;
    header.truncated = end == std::string_view::npos;
    text = text.substr(0, end);
    text.remove_prefix(line_begin.size());
    if (text.substr(0, text.find_first_of(" \r")) == "UNKNOWN") {
        return header;  // whatever follows is to be ignored
    }
    Words words(text, header.truncated);
    if (words.cut_short()) {
        return begins_a_family(words.rest()) ? std::optional(header) : std::nullopt;
    }
    const auto family = words.next().value_or("");
    if ((family != "TCP4" && family != "TCP6") || words.ended()) {
        return std::nullopt;
    }
    return read_endpoints(words, family == "TCP6", header) ? std::optional(header) : std::nullopt;
}

// ---- version 2: binary (section 2.2) ----

constexpr std::array<std::uint8_t, 12> signature{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
constexpr std::size_t fixed_size = 16;

constexpr std::uint8_t aws = 0xEA;
constexpr std::uint8_t azure = 0xEE;
constexpr std::uint8_t gcp = 0xE0;

/// Bytes. AWS writes "vpce-" and 17 figures.
constexpr std::size_t max_endpoint_id = 64;

/// It is shown to people and compared with allow-lists, so nothing but printable ASCII, and all of it: a beginning
/// of an id is another id.
void read_endpoint_id(ByteSpan value, ProxyHeader& header) {
    const bool is_id = value.size() <= max_endpoint_id && std::ranges::all_of(value, [](std::uint8_t byte) {
                           return byte > 0x20 && byte < 0x7f;
                       });
    if (is_id) {
        header.aws_endpoint_id.assign(reinterpret_cast<const char*>(value.data()), value.size());
    }
}

void read_vendor_field(std::uint8_t type, ByteSpan value, ProxyHeader& header) {
    const std::uint8_t subtype = value.empty() ? std::uint8_t{0} : value[0];
    if (type == aws && subtype == 1) {
        read_endpoint_id(value.subspan(1), header);
    } else if (type == azure && subtype == 1 && value.size() >= 5) {
        header.azure_link_id =
            static_cast<std::uint32_t>(value[1]) | static_cast<std::uint32_t>(value[2]) << 8U |
            static_cast<std::uint32_t>(value[3]) << 16U | static_cast<std::uint32_t>(value[4]) << 24U;
    } else if (type == gcp && value.size() == 8) {
        header.gcp_connection_id = std::uint64_t{read_32(value, 0)} << 32U | read_32(value, 4);
    }
}

/// Type-length-value triples; one that is not all there ends it.
void read_fields(ByteSpan rest, ProxyHeader& header) {
    while (rest.size() >= 3) {
        const std::size_t size = read_16(rest, 1);
        if (rest.size() - 3 < size) {
            return;
        }
        read_vendor_field(rest[0], rest.subspan(3, size), header);
        rest = rest.subspan(3 + size);
    }
}

enum class Family : std::uint8_t { unspecified, v4, v6, local_socket };

/// Bytes of the two addresses and ports.
std::size_t block_size(Family family) {
    switch (family) {
        case Family::v4:
            return 12;
        case Family::v6:
            return 36;
        case Family::local_socket:
            return 216;
        case Family::unspecified:
            break;
    }
    return 0;
}

void read_block(ByteSpan block, bool v6, ProxyHeader& header) {
    const std::size_t size = v6 ? 16 : 4;
    if (block.size() >= size) {
        header.source = IpAddress::from_bytes(block.first(size));
    }
    if (block.size() >= 2 * size) {
        header.destination = IpAddress::from_bytes(block.subspan(size, size));
    }
    if (block.size() >= 2 * size + 2) {
        header.source_port = read_16(block, 2 * size);
    }
    if (block.size() >= 2 * size + 4) {
        header.destination_port = read_16(block, 2 * size + 2);
    }
}

std::optional<ProxyHeader> read_body(ByteSpan payload, ProxyHeader header) {
    const std::uint8_t kind = payload[13];
    const std::size_t length = read_16(payload, 14);
    const ByteSpan body = payload.subspan(fixed_size, std::min(length, payload.size() - fixed_size));
    header.truncated = body.size() < length;
    // Receivers must refuse other values, except that of LOCAL the addresses are to be ignored.
    const bool known = kind >> 4U <= 3 && (kind & 0x0FU) <= 2;
    const auto family = known ? static_cast<Family>(kind >> 4U) : Family::unspecified;
    const std::size_t block = block_size(family);
    if (!header.local && (!known || length < block)) {
        return std::nullopt;
    }
    if (!header.local && (family == Family::v4 || family == Family::v6)) {
        read_block(body, family == Family::v6, header);
    }
    if (known && body.size() > block) {
        read_fields(body.subspan(block), header);
    }
    return header;
}

std::optional<ProxyHeader> read_binary(ByteSpan payload) {
    ProxyHeader header;
    header.version = 2;
    header.truncated = true;
    if (payload.size() > signature.size()) {
        const std::uint8_t command = payload[12];
        if (command != 0x20 && command != 0x21) {
            return std::nullopt;
        }
        header.local = command == 0x20;
    }
    return payload.size() < fixed_size ? header : read_body(payload, header);
}

bool begins_with(ByteSpan payload, ByteSpan begin) {
    return payload.size() >= begin.size() && std::equal(begin.begin(), begin.end(), payload.begin());
}

bool is_begin_of(ByteSpan payload, ByteSpan whole) {
    return payload.size() < whole.size() && std::equal(payload.begin(), payload.end(), whole.begin());
}

ByteSpan bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::optional<ProxyHeader> read_proxy_header(std::span<const std::uint8_t> payload) {
    if (begins_with(payload, signature)) {
        return read_binary(payload);
    }
    if (begins_with(payload, bytes_of(line_begin))) {
        const ByteSpan line = payload.first(std::min(payload.size(), max_text_line));
        return read_line({reinterpret_cast<const char*>(line.data()), line.size()});
    }
    return std::nullopt;
}

bool too_short_for_proxy_header(std::span<const std::uint8_t> payload) {
    return is_begin_of(payload, signature) || is_begin_of(payload, bytes_of(line_begin));
}

}  // namespace whylink::probes
