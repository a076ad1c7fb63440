#include "probes/packets/link.hpp"

#include <algorithm>

namespace whylink::probes {
namespace {

// EtherTypes: IEEE 802 numbers; the two last are in use for outer tags beside the standard's own.
constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_ipv6 = 0x86dd;
constexpr std::uint16_t type_customer_tag = 0x8100;  // 802.1Q
constexpr std::uint16_t type_service_tag = 0x88a8;   // 802.1ad
constexpr std::uint16_t type_old_tag = 0x9100;
constexpr std::uint16_t type_older_tag = 0x9200;

constexpr std::size_t tag_size = 4;
constexpr unsigned vlan_identifier = 0x0fff;  // the rest of a tag is priority

bool is_tag(std::uint16_t type) {
    return type == type_customer_tag || type == type_service_tag || type == type_old_tag ||
           type == type_older_tag;
}

/// The EtherType stands at `type_at`; what it describes follows the `size` bytes of the header, after any
/// tags.
LinkHeader read_typed(ByteSpan frame, std::size_t type_at, std::size_t size) {
    LinkHeader header{.size = frame.size()};
    if (frame.size() < size) {
        return header;
    }
    std::uint16_t type = read_16(frame, type_at);
    while (is_tag(type)) {
        if (frame.size() - size < tag_size) {
            return header;
        }
        if (!header.vlan) {
            header.vlan = static_cast<std::uint16_t>(read_16(frame, size) & vlan_identifier);
        }
        type = read_16(frame, size + 2);
        size += tag_size;
    }
    header.size = size;
    header.ip_version = type == type_ipv4 ? 4 : type == type_ipv6 ? 6 : 0;
    return header;
}

/// The link-layer source at `at`, when it is there.
std::optional<LinkAddress> read_source(ByteSpan frame, std::size_t at) {
    LinkAddress address{};
    if (frame.size() < at + address.size()) {
        return std::nullopt;
    }
    std::ranges::copy(frame.subspan(at, address.size()), address.begin());
    return address;
}

LinkHeader read_ethernet(ByteSpan frame) {
    LinkHeader header = read_typed(frame, 12, 14);
    header.source = read_source(frame, 6);
    return header;
}

/// The hardware type of the cooked headers (linux/if_arp.h), and the source where it is an Ethernet address.
void take_hardware(ByteSpan frame, unsigned type, unsigned length, std::size_t source_at,
                   LinkHeader& header) {
    constexpr unsigned ethernet = 1;
    constexpr unsigned loopback = 772;
    header.on_loopback = type == loopback;
    if (type == ethernet && length == LinkAddress().size()) {
        header.source = read_source(frame, source_at);
    }
}

/// The packet types of packet(7). Those to another host were received as well: on a port of a bridge, or in
/// promiscuous mode.
Way way_of(unsigned packet_type) {
    constexpr unsigned to_other_host = 3;
    constexpr unsigned outgoing = 4;
    if (packet_type == outgoing) {
        return Way::outgoing;
    }
    return packet_type <= to_other_host ? Way::incoming : Way::unknown;
}

/// LINKTYPE_LINUX_SLL; libpcap puts a tag that the kernel took off in again behind it.
LinkHeader read_cooked_v1(ByteSpan frame) {
    LinkHeader header = read_typed(frame, 14, 16);
    if (frame.size() >= 6) {
        header.way = way_of(read_16(frame, 0));
        take_hardware(frame, read_16(frame, 2), read_16(frame, 4), 6, header);
    }
    return header;
}

/// LINKTYPE_LINUX_SLL2
LinkHeader read_cooked_v2(ByteSpan frame) {
    LinkHeader header = read_typed(frame, 0, 20);
    if (frame.size() >= 12) {
        header.interface = read_32(frame, 4);
        header.way = way_of(frame[10]);
        take_hardware(frame, read_16(frame, 8), frame[11], 12, header);
    }
    return header;
}

/// LINKTYPE_NULL and LINKTYPE_LOOP: an address family of 32 bits. No family is so large that its two byte
/// orders could be confused.
LinkHeader read_loopback(ByteSpan frame) {
    constexpr std::size_t size = 4;
    if (frame.size() < size) {
        return {.size = frame.size()};
    }
    const bool little_endian = frame[1] == 0 && frame[2] == 0 && frame[3] == 0;
    const std::uint32_t family = little_endian ? frame[0] : read_32(frame, 0);
    LinkHeader header{.size = size};
    switch (family) {
        case 2:
            header.ip_version = 4;
            break;
        case 10:  // Linux
        case 24:  // NetBSD, OpenBSD
        case 28:  // FreeBSD
        case 30:  // Darwin
            header.ip_version = 6;
            break;
        default:
            break;
    }
    return header;
}

LinkHeader read_raw(ByteSpan frame) {
    const unsigned version = frame.empty() ? 0U : frame[0] >> 4U;
    return {.ip_version = version == 4 || version == 6 ? version : 0};
}

}  // namespace

LinkHeader read_link_header(LinkType link, ByteSpan frame) {
    switch (link) {
        case LinkType::null:
        case LinkType::loop:
            return read_loopback(frame);
        case LinkType::ethernet:
            return read_ethernet(frame);
        case LinkType::raw_ip:
            return read_raw(frame);
        case LinkType::cooked_v1:
            return read_cooked_v1(frame);
        case LinkType::cooked_v2:
            return read_cooked_v2(frame);
    }
    // A number that libpcap gave and that we do not know.
    return {};
}

}  // namespace whylink::probes
