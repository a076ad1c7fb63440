// How a connection leaves this host, for the report: route, interface, neighbour and source address together.
#pragma once

#include <optional>

#include "config/address.hpp"
#include "probes/observation.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::probes {

/// At most eight questions to the kernel (netlink(7)), each of which it answers at once. Needs no privilege. `local` is
/// the connection's own address; absent: it never got one. Absent without a route.
std::optional<RouteFacts> route_facts(const IpAddress& destination, const SocketOptions& options,
                                      const std::optional<IpAddress>& local);

}  // namespace whylink::probes
