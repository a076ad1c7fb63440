#include <netinet/in.h>

#include <algorithm>

#include "probes/packets/transport.hpp"
#include "probes/packets/tunnel.hpp"

namespace whylink::probes {
namespace {

/// Of every error; what it quotes follows.
constexpr std::size_t icmp_header_size = 8;
constexpr std::size_t tcp_fixed_size = 20;
constexpr std::size_t udp_header_size = 8;

bool is_error(bool v6, std::uint8_t type) {
    if (v6) {
        return type < 128;
    }
    switch (type) {
        case 3:   // destination unreachable
        case 4:   // source quench
        case 5:   // redirect
        case 11:  // time exceeded
        case 12:  // parameter problem
            return true;
        default:
            return false;
    }
}

std::uint32_t mtu_of(bool v6, ByteSpan message) {
    const bool fragmentation_needed = !v6 && message[0] == 3 && message[1] == 4;  // RFC 1191 section 4
    const bool packet_too_big = v6 && message[0] == 2;                            // RFC 4443 section 3.2
    if (packet_too_big) {
        return read_32(message, 4);
    }
    return fragmentation_needed ? read_16(message, 6) : 0;
}

/// A tunnel in a tunnel is quoted as well; more of them leave no room in a quotation.
constexpr int max_tunnels = 3;

struct Quotation {
    QuotedPacket packet;
    std::size_t headers_size = 0;
};

/// By what the header says, when it is there so far.
std::size_t quoted_tcp_header_size(ByteSpan quoted) {
    constexpr std::size_t offset_at = 12;
    const std::size_t size = quoted.size() > offset_at ? (quoted[offset_at] >> 4U) * 4 : 0;
    return std::max(size, tcp_fixed_size);
}

/// Ports and sequence number, as far as the quotation goes; RFC 792 asks for no more than 8 bytes. Returns
/// the size of the header.
std::size_t read_quoted_transport(ByteSpan quoted, QuotedPacket& packet) {
    const bool tcp = packet.protocol == IPPROTO_TCP;
    if (!tcp && packet.protocol != IPPROTO_UDP) {
        return 0;
    }
    if (quoted.size() >= 4) {
        packet.source_port = read_16(quoted, 0);
        packet.destination_port = read_16(quoted, 2);
    }
    if (tcp && quoted.size() >= 8) {
        packet.sequence = read_32(quoted, 4);
    }
    return std::min(quoted.size(), tcp ? quoted_tcp_header_size(quoted) : udp_header_size);
}

/// Its length field says nothing here: it is that of the packet before it was cut.
std::optional<Quotation> read_quotation(unsigned version, ByteSpan quoted, int depth) {
    const auto ip = read_ip_headers(quoted, version);
    if (!ip) {
        return std::nullopt;
    }
    Quotation quotation{.packet = {}, .headers_size = std::min(ip->size, quoted.size())};
    quotation.packet.source = ip->source;
    quotation.packet.destination = ip->destination;
    quotation.packet.protocol = ip->protocol;
    if (!ip->whole || ip->fragment_offset != 0) {
        return quotation;
    }
    const ByteSpan behind = quoted.subspan(ip->size);
    const auto carried = depth < max_tunnels ? carried_packet(ip->protocol, behind) : std::nullopt;
    if (carried) {
        if (auto inside = read_quotation(carried->ip_version, behind.subspan(carried->offset), depth + 1)) {
            const std::size_t around = ip->size + carried->offset;
            inside->headers_size += around;
            inside->packet.tunnel_size += static_cast<std::uint32_t>(around);
            return inside;
        }
    }
    quotation.headers_size += read_quoted_transport(behind, quotation.packet);
    return quotation;
}

}  // namespace

std::optional<TransportHeader> read_icmp(bool v6, ByteSpan captured) {
    if (captured.size() < icmp_header_size) {
        return std::nullopt;
    }
    IcmpMessage message{
        .v6 = v6, .type = captured[0], .code = captured[1], .mtu = mtu_of(v6, captured), .quoted = {}};
    std::size_t size = icmp_header_size;
    if (is_error(v6, message.type)) {
        if (auto quotation = read_quotation(v6 ? 6 : 4, captured.subspan(size), 0)) {
            message.quoted = quotation->packet;
            size += quotation->headers_size;
        }
    }
    return TransportHeader{message, size};
}

}  // namespace whylink::probes
