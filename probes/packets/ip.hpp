// IP headers: IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200).
#pragma once

#include <cstdint>
#include <optional>

#include "config/address.hpp"
#include "probes/packets/read_bytes.hpp"

namespace whylink::probes {

struct IpHeaders {
    unsigned version = 4;
    IpAddress source;
    IpAddress destination;
    std::uint8_t hop_limit = 0;
    std::uint16_t identification = 0;  ///< IPv4
    /// What follows the headers; where they are not whole, what the last one that is there announces.
    std::uint8_t protocol = 0;
    std::size_t size = 0;           ///< bytes of all headers; meaningful when `whole`
    std::uint32_t packet_size = 0;  ///< bytes by the length field, headers included; 0: it does not say
    bool is_fragment = false;
    std::uint32_t fragment_offset = 0;  ///< bytes; beyond 0 no transport's header follows
    /// Options and extension headers are there to their end, and well-formed.
    bool whole = false;
};

/// Reads from the first byte of the header. Nothing when the fixed header is cut off or no header of this
/// version (4 or 6).
std::optional<IpHeaders> read_ip_headers(ByteSpan packet, unsigned version);

}  // namespace whylink::probes
