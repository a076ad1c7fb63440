#include "probes/host/next_hop.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

#include "probes/host/neighbour.hpp"
#include "probes/host/netlink.hpp"
#include "probes/host/network_link.hpp"
#include "probes/host/route.hpp"
#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

void add_of_local_routes(std::uint8_t family, std::vector<IpAddress>& addresses) {
    rtmsg message{};
    message.rtm_family = family;
    message.rtm_table = RT_TABLE_LOCAL;
    message.rtm_type = RTN_LOCAL;
    ask_netlink(NETLINK_ROUTE, NetlinkRequest(RTM_GETROUTE, NLM_F_DUMP, message),
                [&](std::uint16_t type, const NetlinkReply& reply) {
                    const auto route = reply.structure<rtmsg>();
                    const auto address = IpAddress::from_bytes(reply.attribute(sizeof(rtmsg), RTA_DST));
                    if (type == RTM_NEWROUTE && route && address && route->rtm_type == RTN_LOCAL &&
                        route->rtm_dst_len == (address->is_v4() ? 32 : 128)) {
                        addresses.push_back(*address);
                    }
                });
}

}  // namespace

NextHop next_hop(const IpAddress& destination, const SocketOptions& options) {
    const IpAddress on_wire = on_the_wire(destination);
    const auto route = route_to(on_wire, options);
    if (!route) {
        return NextHop::unknown;
    }
    const auto link = network_link(route->device);
    return route->to_ourselves || (link && link->without_neighbours)
               ? NextHop::known
               : neighbour(route->gateway.value_or(on_wire), route->device).state;
}

std::vector<IpAddress> own_addresses() {
    std::vector<IpAddress> addresses = interface_addresses();
    add_of_local_routes(AF_INET, addresses);
    add_of_local_routes(AF_INET6, addresses);
    std::ranges::sort(addresses);
    // Of std::ranges::unique() clang 14 cannot read what it returns.
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    return addresses;
}

}  // namespace whylink::probes
