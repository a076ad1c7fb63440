#include "probes/host/next_hop.hpp"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "probes/host/netlink.hpp"
#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint8_t family_of(const IpAddress& address) {
    return address.is_v4() ? AF_INET : AF_INET6;
}

// ---- the route ----

struct Route {
    bool to_ourselves = false;
    int device = 0;     ///< index
    IpAddress address;  ///< of the neighbour: the gateway, or the destination itself
};

/// Nothing when an interface is asked for that is not there.
std::optional<NetlinkRequest> route_request(const IpAddress& destination, const SocketOptions& options) {
    rtmsg message{};
    message.rtm_family = family_of(destination);
    message.rtm_dst_len = destination.is_v4() ? 32 : 128;
    if (options.source_address) {
        message.rtm_src_len = message.rtm_dst_len;
    }
    NetlinkRequest request(RTM_GETROUTE, 0, message);
    request.add(RTA_DST, destination.bytes());
    if (options.source_address) {
        request.add(RTA_SRC, on_the_wire(*options.source_address).bytes());
    }
    if (!options.interface.empty()) {
        const unsigned device = ::if_nametoindex(options.interface.c_str());
        if (device == 0) {
            return std::nullopt;
        }
        request.add(RTA_OIF, device);
    }
    if (options.mark) {
        request.add(RTA_MARK, *options.mark);
    }
    return request;
}

/// An IPv4 route can have an IPv6 gateway (RFC 5549): RTA_VIA then, an address behind its family.
std::optional<IpAddress> gateway_of(const NetlinkReply& reply) {
    if (const auto gateway = IpAddress::from_bytes(reply.attribute(sizeof(rtmsg), RTA_GATEWAY))) {
        return gateway;
    }
    const Bytes via = reply.attribute(sizeof(rtmsg), RTA_VIA);
    return via.size() > sizeof(rtvia) ? IpAddress::from_bytes(via.subspan(sizeof(rtvia))) : std::nullopt;
}

std::optional<Route> route_to(const IpAddress& destination, const SocketOptions& options) {
    const auto request = route_request(destination, options);
    std::optional<Route> route;
    if (!request) {
        return route;
    }
    ask_netlink(NETLINK_ROUTE, *request, [&](std::uint16_t type, const NetlinkReply& reply) {
        const auto message = reply.structure<rtmsg>();
        const auto device = reply.attribute_as<int>(sizeof(rtmsg), RTA_OIF);
        if (type != RTM_NEWROUTE || !message || !device) {
            return;
        }
        if (message->rtm_type == RTN_UNICAST || message->rtm_type == RTN_LOCAL) {
            route = Route{message->rtm_type == RTN_LOCAL, *device, gateway_of(reply).value_or(destination)};
        }
    });
    return route;
}

// ---- the link and the neighbour ----

bool needs_no_address(int device) {
    ifinfomsg message{};
    message.ifi_index = device;
    unsigned flags = 0;
    ask_netlink(NETLINK_ROUTE, NetlinkRequest(RTM_GETLINK, 0, message),
                [&](std::uint16_t type, const NetlinkReply& reply) {
                    const auto link = reply.structure<ifinfomsg>();
                    if (type == RTM_NEWLINK && link && link->ifi_index == device) {
                        flags = link->ifi_flags;
                    }
                });
    return (flags & (IFF_LOOPBACK | IFF_POINTOPOINT | IFF_NOARP)) != 0;
}

NextHop state_of(std::uint16_t state) {
    if ((state & (NUD_INCOMPLETE | NUD_FAILED)) != 0) {
        return NextHop::unresolved;
    }
    return state != NUD_NONE ? NextHop::known : NextHop::unknown;
}

NetlinkRequest neighbour_request(const Route& route, unsigned flags) {
    ndmsg message{};
    message.ndm_family = family_of(route.address);
    const bool one = (flags & NLM_F_DUMP) == 0;
    message.ndm_ifindex = one ? route.device : 0;
    NetlinkRequest request(RTM_GETNEIGH, flags, message);
    if (one) {
        request.add(NDA_DST, route.address.bytes());
    }
    return request;
}

NextHop neighbour(const Route& route) {
    NextHop next_hop = NextHop::unknown;
    const auto read = [&](std::uint16_t type, const NetlinkReply& reply) {
        const auto entry = reply.structure<ndmsg>();
        if (type == RTM_NEWNEIGH && entry && entry->ndm_ifindex == route.device &&
            IpAddress::from_bytes(reply.attribute(sizeof(ndmsg), NDA_DST)) == route.address) {
            next_hop = state_of(entry->ndm_state);
        }
    };
    const int error = ask_netlink(NETLINK_ROUTE, neighbour_request(route, 0), read);
    // Before Linux 5.0 the kernel gave all or none.
    if (error == EOPNOTSUPP) {
        ask_netlink(NETLINK_ROUTE, neighbour_request(route, NLM_F_DUMP), read);
    }
    return next_hop;
}

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
    const auto route = route_to(on_the_wire(destination), options);
    if (!route) {
        return NextHop::unknown;
    }
    return route->to_ourselves || needs_no_address(route->device) ? NextHop::known : neighbour(*route);
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
