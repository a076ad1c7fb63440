#include "probes/host/route.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <span>
#include <vector>

#include "probes/host/netlink.hpp"
#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// Nothing when an interface is asked for that is not there.
std::optional<NetlinkRequest> route_request(const IpAddress& destination, const SocketOptions& options,
                                            unsigned flags) {
    rtmsg message{};
    message.rtm_family = destination.is_v4() ? AF_INET : AF_INET6;
    message.rtm_dst_len = destination.is_v4() ? 32 : 128;
    message.rtm_flags = flags;
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

/// The reply's prefix; a default route has none, and the length 0.
std::optional<Cidr> prefix_of(const NetlinkReply& reply, const rtmsg& message, const IpAddress& destination) {
    const IpAddress any = destination.is_v4() ? IpAddress::v4({}) : IpAddress::v6({});
    const auto base = IpAddress::from_bytes(reply.attribute(sizeof(rtmsg), RTA_DST)).value_or(any);
    const unsigned longest = base.is_v4() ? 32 : 128;
    return message.rtm_dst_len <= longest ? std::optional(Cidr(base, message.rtm_dst_len)) : std::nullopt;
}

}  // namespace

std::optional<Route> route_to(const IpAddress& destination, const SocketOptions& options) {
    const auto request = route_request(on_the_wire(destination), options, 0);
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
            route = Route{message->rtm_type == RTN_LOCAL, *device, gateway_of(reply),
                          IpAddress::from_bytes(reply.attribute(sizeof(rtmsg), RTA_PREFSRC))};
        }
    });
    return route;
}

std::optional<MatchedRoute> matched_route(const IpAddress& destination, const SocketOptions& options) {
    const IpAddress on_wire = on_the_wire(destination);
    const auto request = route_request(on_wire, options, RTM_F_FIB_MATCH);
    std::optional<MatchedRoute> matched;
    if (!request) {
        return matched;
    }
    ask_netlink(NETLINK_ROUTE, *request, [&](std::uint16_t type, const NetlinkReply& reply) {
        const auto message = reply.structure<rtmsg>();
        // An older kernel answers as to the ordinary question: with the destination alone, and this flag.
        if (type != RTM_NEWROUTE || !message || (message->rtm_flags & RTM_F_CLONED) != 0) {
            return;
        }
        if (const auto prefix = prefix_of(reply, *message, on_wire)) {
            const auto table = reply.attribute_as<std::uint32_t>(sizeof(rtmsg), RTA_TABLE);
            matched = MatchedRoute{*prefix, table.value_or(message->rtm_table)};
        }
    });
    return matched;
}

bool is_own_address(const IpAddress& address) {
    const auto route = route_to(address, {});
    return route && route->to_ourselves;
}

}  // namespace whylink::probes
