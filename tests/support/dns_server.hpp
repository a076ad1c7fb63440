// A name server for tests: answers from a DnsZone over UDP and TCP, or misbehaves as it says.
#pragma once

#include <cstdint>

#include "support/dns_zone.hpp"
#include "support/server_loop.hpp"

namespace whylink::lab {

/// UDP and TCP on the same port, which is returned. The server lives as long as the loop. Throws
/// std::system_error when the sockets cannot be opened.
std::uint16_t start_dns_server(ServerLoop& loop, const Place& place, DnsZone zone);

}  // namespace whylink::lab
