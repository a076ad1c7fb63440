// The route that the kernel picks for a destination (rtnetlink(7), RTM_GETROUTE). Needs no privilege.
#pragma once

#include <cstdint>
#include <optional>

#include "config/address.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::probes {

/// What the routing table says of one destination.
struct Route {
    bool to_ourselves = false;         ///< the address is this host's own (a route of type `local`)
    int device = 0;                    ///< index of the interface
    std::optional<IpAddress> gateway;  ///< absent: on-link
    std::optional<IpAddress> source;   ///< address that the kernel picks
};

/// Asks with the options' source address, interface and mark. Absent without a route, for a route that drops
/// (blackhole, prohibit), and where an interface is asked for that is not there.
std::optional<Route> route_to(const IpAddress& destination, const SocketOptions& options);

/// The entry of the routing table that decides it.
struct MatchedRoute {
    Cidr prefix;
    std::uint32_t table = 0;  ///< RT_TABLE_MAIN is 254
};

/// Absent as route_to() is, and before Linux 4.13 (RTM_F_FIB_MATCH).
std::optional<MatchedRoute> matched_route(const IpAddress& destination, const SocketOptions& options);

/// Whether a packet to the address stays on this host because the address is its own, those of a block that a local
/// route covers included (127.0.0.0/8).
bool is_own_address(const IpAddress& address);

}  // namespace whylink::probes
