#include "probes/host/route_facts.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "support/netns.hpp"
#include "support/topology.hpp"

namespace whylink::probes {
namespace {

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

std::optional<RouteFacts> towards(const lab::Netns& netns, std::string_view text,
                                  const std::optional<IpAddress>& local = std::nullopt) {
    std::optional<RouteFacts> facts;
    netns.enter([&] { facts = route_facts(address(text), {}, local); });
    return facts;
}

TEST(RouteFacts, AreThoseOfTheRouteThatMatches) {
    const lab::Topology topology;
    const auto v4 = towards(topology.client, "10.0.0.4", address("10.77.0.2"));
    ASSERT_TRUE(v4);
    EXPECT_FALSE(v4->local);
    EXPECT_EQ(v4->matched, Cidr::parse("10.0.0.0/16"));
    EXPECT_EQ(v4->table, 254U);
    EXPECT_EQ(v4->gateway, address("10.77.0.1"));
    EXPECT_EQ(v4->source, address("10.77.0.2"));
    EXPECT_EQ(v4->interface, "eth0");
    EXPECT_EQ(v4->link_kind, "veth");
    EXPECT_TRUE(v4->link_up);
    EXPECT_FALSE(v4->internal_bridge);
    EXPECT_EQ(v4->source_interface, "eth0");
    const auto v6 = towards(topology.client, "fd00::4");
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->matched, Cidr::parse("fd00::/64"));
    EXPECT_EQ(v6->gateway, address("fd77::1"));
    EXPECT_EQ(v6->source_interface, "");
}

TEST(RouteFacts, AreAbsentWithoutARoute) {
    const lab::Topology topology;
    EXPECT_FALSE(towards(topology.client, "192.0.2.1"));
    topology.client.ip("route add blackhole 192.0.2.0/24");
    EXPECT_FALSE(towards(topology.client, "192.0.2.1"));
}

TEST(RouteFacts, KnowWhatIsThisHostsOwn) {
    const lab::Topology topology;
    const auto own = towards(topology.client, "10.77.0.2");
    ASSERT_TRUE(own);
    EXPECT_TRUE(own->local);
    EXPECT_EQ(own->matched, Cidr::parse("10.77.0.2"));
}

TEST(RouteFacts, NameTheNeighbour) {
    const lab::Topology topology;
    topology.client.ip(
        "neighbour replace 10.77.0.1 dev eth0 lladdr 02:00:00:00:0a:01 nud permanent\n"
        "neighbour replace 10.77.0.99 dev eth0 nud failed");
    const auto far = towards(topology.client, "10.0.0.4");
    EXPECT_EQ(far->next_hop, NextHop::known);
    EXPECT_EQ(far->neighbour, "02:00:00:00:0a:01");
    const auto nobody = towards(topology.client, "10.77.0.99");
    EXPECT_EQ(nobody->next_hop, NextHop::unresolved);
    EXPECT_EQ(nobody->neighbour, "");
    EXPECT_EQ(nobody->gateway, std::nullopt);
}

TEST(RouteFacts, TellABridgeOfContainersFromOneThatLeadsOutside) {
    const lab::Topology topology;
    topology.client.ip(
        "link add br0 type bridge\n"
        "link set br0 up\n"
        "addr add 172.17.0.1/16 dev br0\n");
    auto bridge = towards(topology.client, "172.17.0.9");
    ASSERT_TRUE(bridge);
    EXPECT_EQ(bridge->link_kind, "bridge");
    EXPECT_TRUE(bridge->internal_bridge);
    topology.client.ip(
        "link add c0 type veth peer name d0\n"
        "link set c0 master br0 up\n"
        "link set d0 up\n");
    EXPECT_TRUE(towards(topology.client, "172.17.0.9")->internal_bridge);
    topology.client.ip(
        "link add vx0 type vxlan id 7 dev eth0 dstport 4789\n"
        "link set vx0 master br0 up\n");
    bridge = towards(topology.client, "172.17.0.9");
    EXPECT_FALSE(bridge->internal_bridge);
}

TEST(RouteFacts, NameTheInterfaceOfTheSource) {
    const lab::Topology topology;
    topology.client.ip(
        "link add mv0 link eth0 type macvlan\n"
        "link set mv0 up\n"
        "addr add 10.78.0.2/24 dev mv0\n"
        "addr add 10.77.0.2/32 dev mv0\n");
    EXPECT_EQ(towards(topology.client, "10.0.0.4", address("10.78.0.2"))->source_interface, "mv0");
    // Of several the one that the route uses.
    EXPECT_EQ(towards(topology.client, "10.0.0.4", address("10.77.0.2"))->source_interface, "eth0");
    EXPECT_EQ(towards(topology.client, "10.0.0.4", address("10.78.0.9"))->source_interface, "");
}

}  // namespace
}  // namespace whylink::probes
