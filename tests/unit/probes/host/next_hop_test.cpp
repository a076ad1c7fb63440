#include "probes/host/next_hop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "probes/tcp/socket_address.hpp"
#include "support/netns.hpp"
#include "support/start_program.hpp"
#include "support/topology.hpp"

namespace whylink::probes {
namespace {

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

NextHop towards(const lab::Netns& netns, std::string_view text, const SocketOptions& options = {}) {
    NextHop result = NextHop::unknown;
    netns.enter([&] { result = next_hop(address(text), options); });
    return result;
}

/// Makes the kernel look for the next hop: a datagram, which nobody has to answer.
void send_to(const lab::Netns& netns, std::string_view text) {
    netns.enter([&] {
        const SocketAddress where(address(text), 9);
        const lab::Fd socket(::socket(where.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
        ::sendto(socket.get(), "", 0, 0, where.data(), where.length());
    });
}

/// Polls, for the kernel resolves beside us.
bool becomes(const lab::Netns& netns, std::string_view text, NextHop wanted,
             const SocketOptions& options = {}) {
    using namespace std::chrono_literals;
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (towards(netns, text, options) != wanted) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

TEST(NextHop, OfThisHostItselfIsKnown) {
    const lab::Topology topology;
    EXPECT_EQ(towards(topology.client, "127.0.0.1"), NextHop::known);
    EXPECT_EQ(towards(topology.client, "::1"), NextHop::known);
    EXPECT_EQ(towards(topology.client, "10.77.0.2"), NextHop::known);
    EXPECT_EQ(towards(topology.client, "fd77::2"), NextHop::known);
}

TEST(NextHop, IsUnknownWithoutARoute) {
    const lab::Topology topology;
    EXPECT_EQ(towards(topology.client, "192.0.2.1"), NextHop::unknown);
    EXPECT_EQ(towards(topology.client, "fdff::1"), NextHop::unknown);
    topology.client.ip("route add blackhole 192.0.2.0/24");
    EXPECT_EQ(towards(topology.client, "192.0.2.1"), NextHop::unknown);
    SocketOptions options;
    options.interface = "eth9";  // there is none
    EXPECT_EQ(towards(topology.client, "10.77.0.1", options), NextHop::unknown);
}

TEST(NextHop, IsKnownOnceANeighbourHasAnswered) {
    const lab::Topology topology;
    for (const char* neighbour : {"10.77.0.1", "fd77::1"}) {
        EXPECT_EQ(towards(topology.client, neighbour), NextHop::unknown) << neighbour;
        send_to(topology.client, neighbour);
        EXPECT_TRUE(becomes(topology.client, neighbour, NextHop::known)) << neighbour;
    }
    EXPECT_EQ(towards(topology.client, "::ffff:10.77.0.1"), NextHop::known);
}

TEST(NextHop, IsUnresolvedWhenNobodyAnswers) {
    const lab::Topology topology;
    for (const char* nobody : {"10.77.0.99", "fd77::99"}) {
        send_to(topology.client, nobody);
        EXPECT_EQ(towards(topology.client, nobody), NextHop::unresolved) << nobody;  // still asking
        topology.client.ip("neighbour replace " + std::string(nobody) + " dev eth0 nud failed");
        EXPECT_EQ(towards(topology.client, nobody), NextHop::unresolved) << nobody;
    }
}

TEST(NextHop, IsThatOfTheGateway) {
    const lab::Topology topology;
    for (const char* far : {"10.0.0.4", "fd00::4"}) {
        EXPECT_EQ(towards(topology.client, far), NextHop::unknown) << far;
        send_to(topology.client, far);
        EXPECT_TRUE(becomes(topology.client, far, NextHop::known)) << far;
    }
    topology.client.ip("route replace 10.0.0.0/16 via 10.77.0.98");
    send_to(topology.client, "10.0.0.4");
    EXPECT_EQ(towards(topology.client, "10.0.0.4"), NextHop::unresolved);
}

TEST(NextHop, OfAnIPv4RouteMayBeAnIPv6Gateway) {
    const lab::Topology topology;
    topology.client.ip("route replace 10.0.0.0/16 via inet6 fd77::98");
    send_to(topology.client, "10.0.0.4");
    EXPECT_EQ(towards(topology.client, "10.0.0.4"), NextHop::unresolved);
    topology.client.ip("neighbour replace fd77::98 dev eth0 lladdr 02:00:00:00:00:01 nud permanent");
    EXPECT_EQ(towards(topology.client, "10.0.0.4"), NextHop::known);
}

TEST(NextHop, IsThatOfTheRouteThatTheOptionsChoose) {
    const lab::Topology topology;
    const lab::Netns other;
    lab::connect(topology.client, "eth1", other, "eth0");
    topology.client.ip(
        "addr add 10.77.0.3/24 dev eth0\n"
        "link set eth1 arp off\n"
        "route add 10.0.0.0/16 dev eth1 metric 2000\n"
        "rule add fwmark 7 table 7\n"
        "route add 10.0.0.0/16 dev eth1 table 7\n"
        "rule add from 10.77.0.3 table 8\n"
        "route add 10.0.0.0/16 dev eth1 table 8\n"
        "neighbour replace 10.77.0.1 dev eth0 nud failed");
    EXPECT_EQ(towards(topology.client, "10.0.0.4"), NextHop::unresolved);
    SocketOptions options;
    options.interface = "eth1";
    EXPECT_EQ(towards(topology.client, "10.0.0.4", options), NextHop::known);
    options = {};
    options.mark = 7;
    EXPECT_EQ(towards(topology.client, "10.0.0.4", options), NextHop::known);
    options = {};
    options.source_address = address("10.77.0.3");
    EXPECT_EQ(towards(topology.client, "10.0.0.4", options), NextHop::known);
    options.source_address = address("10.77.0.2");
    EXPECT_EQ(towards(topology.client, "10.0.0.4", options), NextHop::unresolved);
    options.source_address = address("192.0.2.55");  // not ours
    EXPECT_EQ(towards(topology.client, "10.0.0.4", options), NextHop::unknown);
}

TEST(OwnAddresses, AreThoseOfAllInterfaces) {
    const lab::Netns netns;
    const lab::Netns other;
    lab::connect(netns, "eth0", other, "eth0");
    lab::connect(netns, "eth1", other, "eth1");
    netns.sysctl("ipv6/conf/eth0/addr_gen_mode", "1");  // no address of its own
    netns.sysctl("ipv6/conf/eth1/addr_gen_mode", "1");
    netns.ip(
        "addr flush dev eth0 scope link\n"
        "addr flush dev eth1 scope link\n"
        "addr add 10.77.0.2/24 dev eth0\n"
        "addr add 10.77.0.3/24 dev eth0\n"
        "addr add fd77::2/64 dev eth0 nodad\n"
        "addr add 10.77.0.2/32 dev eth1");  // on a second device too
    const auto found = [&] {
        std::vector<IpAddress> addresses;
        netns.enter([&] { addresses = own_addresses(); });
        return addresses;
    };
    EXPECT_THAT(found(), testing::ElementsAre(address("10.77.0.2"), address("10.77.0.3"),
                                              address("127.0.0.1"), address("::1"), address("fd77::2")));
    // Ours by a route.
    netns.ip(
        "route add to local 10.99.0.7/32 dev eth0\n"
        "route add local fd99::7/128 dev lo\n"
        "route add local 10.98.0.0/16 dev lo\n"
        "route add 10.97.0.7/32 dev eth0");
    EXPECT_THAT(found(),
                testing::IsSupersetOf({address("10.99.0.7"), address("fd99::7"), address("fd77::2")}));
    EXPECT_EQ(found().size(), 7U);
}

}  // namespace
}  // namespace whylink::probes
