// The PROXY header that a load balancer sends before the stream itself
// (https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt). Reading one is in packets/proxy_header.hpp.
#pragma once

#include <cstdint>
#include <string>

#include "probes/observation.hpp"

namespace whylink::probes {

/// The bytes. Source and destination are this connection's own, so the header says nothing but the truth;
/// LOCAL has none. Empty for `none`. At most 107 bytes.
std::string proxy_header_bytes(ProxyHeaderSent kind, const IpAddress& source, std::uint16_t source_port,
                               const IpAddress& destination, std::uint16_t destination_port);

}  // namespace whylink::probes
