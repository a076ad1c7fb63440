#include "support/topology.hpp"

#include <stdexcept>

#include <string>

namespace whylink::lab {
namespace {

constexpr std::string_view client_setup =
    "addr add 10.77.0.2/24 dev eth0\n"
    "addr add fd77::2/64 dev eth0\n"
    "route add 10.99.0.0/30 via 10.77.0.1\n"
    "route add 10.0.0.0/16 via 10.77.0.1\n"
    "route add 203.0.113.0/24 via 10.77.0.1\n"
    "route add fd99::/64 via fd77::1\n"
    "route add fd00::/64 via fd77::1\n"
    "route add 2001:db8::/64 via fd77::1\n";

constexpr std::string_view router_setup =
    "addr add 10.77.0.1/24 dev client0\n"
    "addr add fd77::1/64 dev client0\n"
    "addr add 10.99.0.1/30 dev server0\n"
    "addr add fd99::1/64 dev server0\n"
    "route add 10.0.0.0/16 via 10.99.0.2\n"
    "route add 203.0.113.0/24 via 10.99.0.2\n"
    "route add fd00::/64 via fd99::2\n"
    "route add 2001:db8::/64 via fd99::2\n";

constexpr std::string_view server_setup =
    "addr add 10.99.0.2/30 dev eth0\n"
    "addr add fd99::2/64 dev eth0\n"
    "route add default via 10.99.0.1\n"
    "route add default via fd99::1\n"
    "route add local 10.0.0.0/16 dev lo\n"
    "route add local 203.0.113.0/24 dev lo\n"
    "route add local fd00::/64 dev lo\n"
    "route add local 2001:db8::/64 dev lo\n";

void let_icmp_errors_through(const Netns& netns) {
    // The mask and not the rate: a rate of 0 empties the bucket that errors of the routing table are paid
    // from.
    netns.sysctl("ipv4/icmp_ratemask", "0");
    netns.sysctl("ipv6/icmp/ratelimit", "0");
}

}  // namespace

Topology::Topology() {
    connect(client, "eth0", router, "client0");
    connect(router, "server0", server, "eth0");
    client.ip(client_setup);
    router.ip(router_setup);
    router.sysctl("ipv4/ip_forward", "1");
    router.sysctl("ipv6/conf/all/forwarding", "1");
    server.ip(server_setup);
    server.sysctl("ipv6/ip_nonlocal_bind", "1");
    for (const Netns* netns : {&client, &router, &server}) {
        let_icmp_errors_through(*netns);
    }
}

IpAddress address_of(const std::string& text) {
    const auto address = IpAddress::parse(text);
    if (!address) {
        throw std::runtime_error("not an address: " + text);
    }
    return *address;
}

}  // namespace whylink::lab
