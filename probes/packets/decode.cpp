#include <algorithm>

#include "probes/packets/link.hpp"
#include "probes/packets/packet.hpp"
#include "probes/packets/transport.hpp"

namespace whylink::probes {
namespace {

struct Dissected {
    std::optional<Packet> packet;
    std::size_t headers_size = 0;  ///< of the frame
};

Packet packet_of(const Frame& frame, const LinkHeader& link, const IpHeaders& ip) {
    return {.time = frame.time,
            .way = link.way,
            .on_loopback = link.on_loopback,
            .link_source = link.source,
            .interface = link.interface,
            .vlan = link.vlan,
            .source = ip.source,
            .destination = ip.destination,
            .hop_limit = ip.hop_limit,
            .identification = ip.identification,
            .protocol = ip.protocol,
            .is_fragment = ip.is_fragment,
            .fragment_offset = ip.fragment_offset,
            .ip_offset = link.size,
            .transport_offset = link.size + ip.size,
            .transport = {}};
}

/// Bytes of the packet on the wire. The link layer pads short frames, so that what follows the length of the
/// header's own is none of it.
std::uint32_t size_on_wire(const IpHeaders& ip, std::uint32_t rest_of_frame) {
    return ip.packet_size == 0 ? rest_of_frame : std::min(ip.packet_size, rest_of_frame);
}

Dissected dissect(LinkType link_type, const Frame& frame) {
    const ByteSpan bytes = at_most(frame.bytes, frame.wire_length);
    const LinkHeader link = read_link_header(link_type, bytes);
    const Dissected link_alone{.packet = {}, .headers_size = link.size};
    if (link.ip_version == 0) {
        return link_alone;
    }
    const ByteSpan rest = bytes.subspan(link.size);
    const auto ip = read_ip_headers(rest, link.ip_version);
    if (!ip || !ip->whole) {
        return link_alone;
    }
    Packet packet = packet_of(frame, link, *ip);
    packet.ip_size = size_on_wire(*ip, frame.wire_length - static_cast<std::uint32_t>(link.size));
    if (packet.ip_size < ip->size) {
        return link_alone;
    }
    const auto transport = read_transport(*ip, at_most(rest, packet.ip_size).subspan(ip->size),
                                          packet.ip_size - static_cast<std::uint32_t>(ip->size));
    if (!transport) {
        return link_alone;
    }
    packet.transport = transport->transport;
    return {.packet = packet, .headers_size = packet.transport_offset + transport->header_size};
}

}  // namespace

std::optional<Packet> decode(LinkType link, const Frame& frame) {
    return dissect(link, frame).packet;
}

std::size_t header_size(LinkType link, const Frame& frame) {
    return dissect(link, frame).headers_size;
}

}  // namespace whylink::probes
