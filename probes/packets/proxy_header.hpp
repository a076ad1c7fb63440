// Reads the PROXY protocol's header, versions 1 and 2 (haproxy.org, proxy-protocol.txt). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "probes/observation.hpp"

namespace whylink::probes {

/// What the first payload bytes of a connection are. A header that is cut off by the snapshot is read as far
/// as it goes, and `truncated` then; nothing for anything that is no PROXY header: another signature ("PROXY
/// " or the twelve bytes of version 2), or what receivers must refuse. Of the command LOCAL the addresses are
/// ignored, as receivers must, and the fields read. Vendor fields of version 2: AWS type 0xEA subtype 1 (the
/// VPC endpoint's id, at most 64 bytes of printable ASCII or left out), Azure 0xEE subtype 1 (LINKID, 32 bits,
/// little endian), GCP 0xE0 (the PSC connection's id, 64 bits, big endian). A field that is cut off is not there.
std::optional<ProxyHeader> read_proxy_header(std::span<const std::uint8_t> payload);

/// It is shorter than a signature, and could be the beginning of one; also when it is empty.
bool too_short_for_proxy_header(std::span<const std::uint8_t> payload);

}  // namespace whylink::probes
