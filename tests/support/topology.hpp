// The lab's map: a client, a router, and a server side that owns whole address ranges.
#pragma once

#include <string>

#include "config/address.hpp"
#include "support/netns.hpp"

namespace whylink::lab {

///     client 10.77.0.2, fd77::2  —  10.77.0.1, fd77::1  router  10.99.0.1, fd99::1  —  10.99.0.2, fd99::2
///     server
///
/// The server side owns every address of 10.0.0.0/16, 203.0.113.0/24, fd00::/64 and 2001:db8::/64 without
/// further ado (local routes), so that a server is a socket and an address without one answers with RST. The
/// client has routes to these through the router and no default route. ICMP errors are not rate-limited
/// anywhere.
struct Topology {
    Netns client;
    Netns router;
    Netns server;

    Topology();
};

/// The address that a scene's text means; throws std::runtime_error for anything else.
IpAddress address_of(const std::string& text);

}  // namespace whylink::lab
