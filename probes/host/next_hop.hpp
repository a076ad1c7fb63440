// Whether this host knows the link-layer address of the next hop towards an address (netlink, rtnetlink(7)):
// while it does not, a packet waits in the kernel and no capture sees it leave.
#pragma once

#include <vector>

#include "probes/observation.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::probes {

/// Needs no privilege. Asks for the route (RTM_GETROUTE, with the options' source address, interface and
/// mark) and for the neighbour behind it (RTM_GETNEIGH): `known` for an entry with an address or a link that
/// needs none (loopback, point-to-point, without ARP), `unresolved` for one that is incomplete or failed,
/// `unknown` where there is no entry, no route, or the kernel does not say.
NextHop next_hop(const IpAddress& destination, const SocketOptions& options);

/// This host's own addresses in this network namespace, loopback included: those of the interfaces
/// (getifaddrs(3)), and those that are ours by a local route alone, as Google's guest agent makes one for the
/// address of each forwarding rule in front of the VM. Not the further ones of a route to a whole block
/// (127.0.0.0/8). Sorted, each once; empty when the kernel does not say.
std::vector<IpAddress> own_addresses();

}  // namespace whylink::probes
