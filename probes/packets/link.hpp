// What stands in front of the IP header in a captured frame.
#pragma once

#include <cstdint>
#include <optional>

#include "probes/packets/packet.hpp"
#include "probes/packets/read_bytes.hpp"

namespace whylink::probes {

struct LinkHeader {
    std::size_t size = 0;     ///< bytes, tags included; never more than the frame has
    unsigned ip_version = 0;  ///< 4 or 6, as the link layer says; 0: no IP follows, or the header is cut off
    Way way = Way::unknown;
    std::uint32_t interface = 0;
    std::optional<std::uint16_t> vlan{};
    bool on_loopback = false;
    std::optional<LinkAddress> source{};  ///< of devices that have Ethernet addresses
};

/// Any bytes, any link type.
LinkHeader read_link_header(LinkType link, ByteSpan frame);

}  // namespace whylink::probes
