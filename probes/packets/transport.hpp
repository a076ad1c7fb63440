// The transport's header: TCP, UDP, ICMP and ICMPv6.
#pragma once

#include <cstdint>
#include <optional>

#include "probes/packets/ip.hpp"
#include "probes/packets/packet.hpp"
#include "probes/packets/read_bytes.hpp"

namespace whylink::probes {

using Transport = decltype(Packet::transport);

struct TransportHeader {
    Transport transport;          ///< empty for a protocol that is not read, and for later fragments
    std::size_t header_size = 0;  ///< bytes, as far as they were captured
};

/// What follows the IP headers: `size` bytes on the wire, of which `captured` is the beginning and never
/// more. Nothing when the fixed header is cut off or malformed.
std::optional<TransportHeader> read_transport(const IpHeaders& ip, ByteSpan captured, std::uint32_t size);

std::optional<TransportHeader> read_icmp(bool v6, ByteSpan captured);

}  // namespace whylink::probes
