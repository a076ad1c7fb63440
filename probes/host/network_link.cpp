#include "probes/host/network_link.hpp"

#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <memory>
#include <span>
#include <string_view>

#include "config/outside_text.hpp"
#include "probes/host/netlink.hpp"
#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

/// Of an attribute that holds a string with its terminator.
std::string text_of(std::span<const std::uint8_t> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return outside_text(text.substr(0, text.find('\0')));
}

std::string kind_of(const NetlinkReply& reply) {
    const NetlinkReply info(reply.attribute(sizeof(ifinfomsg), IFLA_LINKINFO));
    return text_of(info.attribute(0, IFLA_INFO_KIND));
}

NetworkLink read_link(const NetlinkReply& reply, const ifinfomsg& message) {
    NetworkLink link;
    link.name = text_of(reply.attribute(sizeof(ifinfomsg), IFLA_IFNAME));
    link.kind = kind_of(reply);
    // <linux/if.h> has IFF_LOWER_UP, and does not go together with <net/if.h>.
    constexpr unsigned lower_up = 1U << 16;
    link.up = (message.ifi_flags & lower_up) != 0;
    link.without_neighbours = (message.ifi_flags & (IFF_LOOPBACK | IFF_POINTOPOINT | IFF_NOARP)) != 0;
    return link;
}

/// What connects a container or a virtual machine to its host, and what holds an empty bridge up.
bool ends_on_this_host(std::string_view kind) {
    return kind == "veth" || kind == "tun" || kind == "dummy";
}

}  // namespace

std::optional<NetworkLink> network_link(int index) {
    ifinfomsg request{};
    request.ifi_index = index;
    std::optional<NetworkLink> link;
    ask_netlink(NETLINK_ROUTE, NetlinkRequest(RTM_GETLINK, 0, request),
                [&](std::uint16_t type, const NetlinkReply& reply) {
                    const auto message = reply.structure<ifinfomsg>();
                    if (type == RTM_NEWLINK && message && message->ifi_index == index) {
                        link = read_link(reply, *message);
                    }
                });
    return link;
}

bool is_internal_bridge(int index) {
    bool internal = true;
    NetlinkRequest request(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{});
    // The kernel leaves out the ports of other bridges, from Linux 4.20 on.
    request.add(IFLA_MASTER, static_cast<std::uint32_t>(index));
    const int error = ask_netlink(NETLINK_ROUTE, request, [&](std::uint16_t type, const NetlinkReply& reply) {
        const bool is_port =
            type == RTM_NEWLINK && reply.attribute_as<int>(sizeof(ifinfomsg), IFLA_MASTER) == index;
        internal = internal && (!is_port || ends_on_this_host(kind_of(reply)));
    });
    return internal && error == 0;
}

std::string interface_with(const IpAddress& address, const std::string& preferred) {
    std::string found;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) {
        return found;
    }
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, ::freeifaddrs);
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (address_of(entry->ifa_addr) == address && (found.empty() || entry->ifa_name == preferred)) {
            found = outside_text(entry->ifa_name);
        }
    }
    return found;
}

}  // namespace whylink::probes
