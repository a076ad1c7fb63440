#include "probes/packets/ip.hpp"

#include <netinet/in.h>

namespace whylink::probes {
namespace {

constexpr std::size_t v4_fixed_size = 20;
constexpr std::size_t v6_fixed_size = 40;

/// More extension headers in one packet nobody sends; each may occur once, destination options twice
/// (RFC 8200 section 4.1).
constexpr int max_extension_headers = 16;

// Not in netinet/in.h of glibc 2.36.
constexpr std::uint8_t protocol_hip = 139;    // RFC 7401
constexpr std::uint8_t protocol_shim6 = 140;  // RFC 5533

IpAddress address_at(ByteSpan packet, std::size_t at, std::size_t size) {
    return IpAddress::from_bytes(packet.subspan(at, size)).value_or(IpAddress());
}

std::optional<IpHeaders> read_v4(ByteSpan packet) {
    if (packet.size() < v4_fixed_size) {
        return std::nullopt;
    }
    const std::size_t size = std::size_t{packet[0] & 0x0fU} * 4;
    if (size < v4_fixed_size) {
        return std::nullopt;
    }
    const std::uint16_t fragment = read_16(packet, 6);
    constexpr unsigned more_fragments = 0x2000;
    constexpr unsigned offset = 0x1fff;
    return IpHeaders{.version = 4,
                     .source = address_at(packet, 12, 4),
                     .destination = address_at(packet, 16, 4),
                     .hop_limit = packet[8],
                     .identification = read_16(packet, 4),
                     .protocol = packet[9],
                     .size = size,
                     .packet_size = read_16(packet, 2),
                     .is_fragment = (fragment & (more_fragments | offset)) != 0,
                     .fragment_offset = (fragment & offset) * 8,
                     .whole = size <= packet.size()};
}

bool is_extension(std::uint8_t protocol) {
    switch (protocol) {
        case IPPROTO_HOPOPTS:
        case IPPROTO_ROUTING:
        case IPPROTO_FRAGMENT:
        case IPPROTO_AH:
        case IPPROTO_DSTOPTS:
        case IPPROTO_MH:
        case protocol_hip:
        case protocol_shim6:
            return true;
        default:
            return false;
    }
}

/// Of the extension header of this kind; all begin with the next one's kind and, but for the fragment
/// header, their length.
std::size_t extension_size(std::uint8_t kind, std::uint8_t length) {
    switch (kind) {
        case IPPROTO_FRAGMENT:
            return 8;
        case IPPROTO_AH:  // in units of 4 bytes, minus 2 (RFC 4302 section 2.2)
            return (std::size_t{length} + 2) * 4;
        default:
            return (std::size_t{length} + 1) * 8;
    }
}

/// An "atomic" fragment, first and last at once, is none (RFC 6946).
void read_fragment_header(ByteSpan extension, IpHeaders& headers) {
    const std::uint16_t field = read_16(extension, 2);
    constexpr unsigned offset = 0xfff8;
    constexpr unsigned more_fragments = 1;
    headers.is_fragment = headers.is_fragment || (field & (offset | more_fragments)) != 0;
    headers.fragment_offset = field & offset;
}

/// Goes from header to header until the transport.
void read_extensions(ByteSpan packet, IpHeaders& headers) {
    for (int count = 0; is_extension(headers.protocol); ++count) {
        const ByteSpan rest = packet.subspan(headers.size);
        constexpr std::size_t smallest = 8;
        if (count == max_extension_headers || rest.size() < smallest) {
            return;
        }
        const std::uint8_t kind = headers.protocol;
        const std::size_t size = extension_size(kind, rest[1]);
        if (rest.size() < size) {
            return;
        }
        headers.protocol = rest[0];
        headers.size += size;
        if (kind == IPPROTO_FRAGMENT) {
            read_fragment_header(rest, headers);
            if (headers.fragment_offset > 0) {
                break;
            }
        }
    }
    headers.whole = true;
}

std::optional<IpHeaders> read_v6(ByteSpan packet) {
    if (packet.size() < v6_fixed_size) {
        return std::nullopt;
    }
    const std::uint32_t payload_length = read_16(packet, 4);
    IpHeaders headers{.version = 6,
                      .source = address_at(packet, 8, 16),
                      .destination = address_at(packet, 24, 16),
                      .hop_limit = packet[7],
                      .protocol = packet[6],
                      .size = v6_fixed_size};
    if (payload_length > 0) {
        headers.packet_size = std::uint32_t{v6_fixed_size} + payload_length;
    }
    read_extensions(packet, headers);
    return headers;
}

}  // namespace

std::optional<IpHeaders> read_ip_headers(ByteSpan packet, unsigned version) {
    if (packet.empty() || packet[0] >> 4U != version) {
        return std::nullopt;
    }
    return version == 4 ? read_v4(packet) : read_v6(packet);
}

}  // namespace whylink::probes
