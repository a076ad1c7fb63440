// The interfaces of this host, as the kernel tells of them (rtnetlink(7), RTM_GETLINK). Needs no privilege.
#pragma once

#include <optional>
#include <string>

#include "config/address.hpp"

namespace whylink::probes {

struct NetworkLink {
    std::string name;  ///< "eth0"
    std::string
        kind;  ///< IFLA_INFO_KIND: "bridge", "veth", "wireguard", "tun", ...; empty: a device of its own
    bool up = true;  ///< has a carrier (IFF_LOWER_UP)
    /// Packets on it need no link-layer address: loopback, point-to-point, without ARP.
    bool without_neighbours = false;
};

/// By its index; absent when it is not there.
std::optional<NetworkLink> network_link(int index);

/// Whether every port of the bridge ends on this host (veth, tun and tap), or it has no port: then containers and
/// virtual machines of this host are all that is behind it.
bool is_internal_bridge(int index);

/// The interface that has the address (getifaddrs(3)): `preferred` when it is one of several; empty when none has.
std::string interface_with(const IpAddress& address, const std::string& preferred);

}  // namespace whylink::probes
