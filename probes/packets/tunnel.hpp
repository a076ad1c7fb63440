// Which packet a tunnel's packet carries: IP in IP, GRE, VXLAN and Geneve.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "probes/packets/read_bytes.hpp"

namespace whylink::probes {

struct CarriedPacket {
    std::size_t offset = 0;   ///< of its IP header, in what follows the outer IP header; within the bytes
    unsigned ip_version = 4;  ///< 4 or 6
};

/// `behind` is what follows the outer IP header, `protocol` that header's. Nothing for what is none of these tunnels, or
/// is cut off in front of the inner IP header. RFC 2003 and 4213 (IP in IP), RFC 2784 and 2890 (GRE), RFC 7348 (VXLAN),
/// RFC 8926 (Geneve).
std::optional<CarriedPacket> carried_packet(std::uint8_t protocol, ByteSpan behind);

}  // namespace whylink::probes
