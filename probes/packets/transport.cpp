#include "probes/packets/transport.hpp"

#include <netinet/in.h>

#include <algorithm>

namespace whylink::probes {
namespace {

constexpr std::size_t tcp_fixed_size = 20;
constexpr std::size_t udp_size = 8;

/// One option whose length fits. A known kind of an odd length is skipped, as the kernel does
/// (tcp_parse_options).
void take_option(std::uint8_t kind, ByteSpan option, TcpSegment& segment) {
    switch (kind) {
        case 2:
            segment.mss = option.size() == 4 ? read_16(option, 2) : segment.mss;
            break;
        case 3:
            if (option.size() == 3) {
                segment.window_scale = option[2];
            }
            break;
        case 4:
            segment.sack_permitted = segment.sack_permitted || option.size() == 2;
            break;
        case 5:
            if (option.size() >= 10 && option.size() % 8 == 2) {
                segment.sack = {read_32(option, 2), read_32(option, 6)};
            }
            break;
        case 8:
            segment.has_timestamp = segment.has_timestamp || option.size() == 10;
            break;
        default:
            break;
    }
}

/// Stops where the list is malformed or cut off; what was read until then stands.
void read_options(ByteSpan options, TcpSegment& segment) {
    constexpr std::uint8_t end_of_list = 0;
    constexpr std::uint8_t no_operation = 1;
    while (!options.empty() && options[0] != end_of_list) {
        if (options[0] == no_operation) {
            options = options.subspan(1);
            continue;
        }
        if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) {
            return;
        }
        take_option(options[0], options.first(options[1]), segment);
        options = options.subspan(options[1]);
    }
}

/// RFC 1071: the one's complement sum of 16-bit words.
std::uint32_t add_words(ByteSpan bytes, std::uint32_t sum) {
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        const std::uint32_t low = i + 1 < bytes.size() ? bytes[i + 1] : 0U;
        sum += std::uint32_t{bytes[i]} << 8U | low;
    }
    return sum;
}

std::uint16_t folded(std::uint32_t sum) {
    sum = (sum & 0xffffU) + (sum >> 16U);
    return static_cast<std::uint16_t>((sum & 0xffffU) + (sum >> 16U));
}

/// A kernel that leaves the checksum to the network card writes the pseudo-header's sum alone (RFC 9293
/// section 3.1); between namespaces of one machine it is never completed.
bool has_wrong_checksum(const IpHeaders& ip, ByteSpan segment) {
    constexpr std::size_t checksum_at = 16;
    std::uint32_t pseudo = IPPROTO_TCP + static_cast<std::uint32_t>(segment.size());
    pseudo = add_words(ip.destination.bytes(), add_words(ip.source.bytes(), pseudo));
    return folded(add_words(segment, pseudo)) != 0xffffU && read_16(segment, checksum_at) != folded(pseudo);
}

std::optional<TransportHeader> read_tcp(const IpHeaders& ip, ByteSpan captured, std::uint32_t size) {
    if (captured.size() < tcp_fixed_size) {
        return std::nullopt;
    }
    const std::uint32_t header_size = (captured[12] >> 4U) * 4U;
    if (header_size < tcp_fixed_size || header_size > size) {
        return std::nullopt;
    }
    const unsigned flags = captured[13];
    TcpSegment segment{.source_port = read_16(captured, 0),
                       .destination_port = read_16(captured, 2),
                       .sequence = read_32(captured, 4),
                       .acknowledgment = read_32(captured, 8),
                       .syn = (flags & 0x02U) != 0,
                       .ack = (flags & 0x10U) != 0,
                       .fin = (flags & 0x01U) != 0,
                       .rst = (flags & 0x04U) != 0,
                       .psh = (flags & 0x08U) != 0,
                       .ece = (flags & 0x40U) != 0,
                       .cwr = (flags & 0x80U) != 0,
                       .window = read_16(captured, 14),
                       .payload_size = size - header_size};
    const ByteSpan header = at_most(captured, header_size);
    segment.payload = captured.subspan(header.size());
    read_options(header.subspan(tcp_fixed_size), segment);
    segment.damaged =
        segment.syn && !ip.is_fragment && captured.size() == size && has_wrong_checksum(ip, captured);
    return TransportHeader{segment, header.size()};
}

std::optional<TransportHeader> read_udp(ByteSpan captured, std::uint32_t size) {
    if (captured.size() < udp_size) {
        return std::nullopt;
    }
    const std::uint32_t length = read_16(captured, 4);
    // 0: a jumbogram, as long as IP says (RFC 2675 section 4).
    if (length > 0 && length < udp_size) {
        return std::nullopt;
    }
    // Longer than IP says is a first fragment.
    const std::uint32_t bounded = length == 0 ? size : std::min(length, size);
    return TransportHeader{UdpDatagram{.source_port = read_16(captured, 0),
                                       .destination_port = read_16(captured, 2),
                                       .payload_size = bounded - std::uint32_t{udp_size},
                                       .payload = at_most(captured, bounded).subspan(udp_size)},
                           udp_size};
}

std::optional<TransportHeader> read_protocol(const IpHeaders& ip, ByteSpan captured, std::uint32_t size) {
    switch (ip.protocol) {
        case IPPROTO_TCP:
            return read_tcp(ip, captured, size);
        case IPPROTO_UDP:
            return read_udp(captured, size);
        case IPPROTO_ICMP:
            return ip.version == 4 ? read_icmp(false, captured) : TransportHeader{};
        case IPPROTO_ICMPV6:
            return ip.version == 6 ? read_icmp(true, captured) : TransportHeader{};
        default:
            return TransportHeader{};
    }
}

}  // namespace

std::optional<TransportHeader> read_transport(const IpHeaders& ip, ByteSpan captured, std::uint32_t size) {
    if (ip.fragment_offset > 0) {
        return TransportHeader{};
    }
    auto header = read_protocol(ip, captured, size);
    // The rest of the header may be in the next fragment.
    return header || !ip.is_fragment ? header : TransportHeader{};
}

}  // namespace whylink::probes
