#include "probes/packets/tunnel.hpp"

#include <netinet/in.h>

namespace whylink::probes {
namespace {

// EtherTypes
constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_ipv6 = 0x86dd;
constexpr std::uint16_t type_ethernet = 0x6558;  // Transparent Ethernet Bridging

constexpr std::uint16_t port_vxlan = 4789;
constexpr std::uint16_t port_vxlan_of_linux = 8472;  // the kernel's default before the number was assigned
constexpr std::uint16_t port_geneve = 6081;

constexpr std::size_t udp_size = 8;

/// Nothing when the packet would begin behind the end.
std::optional<CarriedPacket> at(std::size_t offset, unsigned version, ByteSpan behind) {
    return offset < behind.size() ? std::optional(CarriedPacket{offset, version}) : std::nullopt;
}

/// What an EtherType announces at `offset`; an Ethernet header is passed over.
std::optional<CarriedPacket> typed(std::uint16_t type, std::size_t offset, ByteSpan behind) {
    constexpr std::size_t ethernet_size = 14;
    constexpr std::size_t ethernet_type_at = 12;
    if (type == type_ethernet) {
        if (behind.size() < offset + ethernet_size) {
            return std::nullopt;
        }
        type = read_16(behind, offset + ethernet_type_at);
        offset += ethernet_size;
    }
    if (type != type_ipv4 && type != type_ipv6) {
        return std::nullopt;
    }
    return at(offset, type == type_ipv4 ? 4 : 6, behind);
}

/// Checksum, key and sequence number are there as the first bits say.
std::optional<CarriedPacket> in_gre(ByteSpan behind) {
    constexpr unsigned has_checksum = 0x8000;
    constexpr unsigned has_routing = 0x4000;  // RFC 1701, which RFC 2784 withdrew
    constexpr unsigned has_key = 0x2000;
    constexpr unsigned has_sequence = 0x1000;
    if (behind.size() < 4) {
        return std::nullopt;
    }
    const unsigned flags = read_16(behind, 0);
    if ((flags & has_routing) != 0 || (flags & 0x7U) != 0) {
        return std::nullopt;
    }
    std::size_t size = 4;
    for (const unsigned field : {has_checksum, has_key, has_sequence}) {
        size += (flags & field) != 0 ? 4 : 0;
    }
    return typed(read_16(behind, 2), size, behind);
}

std::optional<CarriedPacket> in_geneve(ByteSpan behind) {
    constexpr std::size_t fixed_size = 8;
    if (behind.size() < udp_size + fixed_size) {
        return std::nullopt;
    }
    const std::size_t options = (behind[udp_size] & 0x3fU) * std::size_t{4};
    return typed(read_16(behind, udp_size + 2), udp_size + fixed_size + options, behind);
}

std::optional<CarriedPacket> in_udp(ByteSpan behind) {
    constexpr std::size_t vxlan_size = 8;
    if (behind.size() < udp_size) {
        return std::nullopt;
    }
    switch (read_16(behind, 2)) {
        case port_vxlan:
        case port_vxlan_of_linux:
            return typed(type_ethernet, udp_size + vxlan_size, behind);
        case port_geneve:
            return in_geneve(behind);
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<CarriedPacket> carried_packet(std::uint8_t protocol, ByteSpan behind) {
    switch (protocol) {
        case IPPROTO_IPIP:
            return at(0, 4, behind);
        case IPPROTO_IPV6:
            return at(0, 6, behind);
        case IPPROTO_GRE:
            return in_gre(behind);
        case IPPROTO_UDP:
            return in_udp(behind);
        default:
            return std::nullopt;
    }
}

}  // namespace whylink::probes
