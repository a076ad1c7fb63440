#include <gtest/gtest.h>

#include "control/azure/parse.hpp"
#include "tests/unit/control/azure/bodies.hpp"

namespace whylink::control {
namespace {

using namespace arm_test;

NetworkSecurityGroup group_in(const std::string& body) {
    const auto parsed = parse_network_security_groups(body);
    EXPECT_TRUE(parsed && parsed->items.size() == 1) << body;
    return parsed && !parsed->items.empty() ? parsed->items.front() : NetworkSecurityGroup();
}

TEST(AzureParseNetwork, ReadsTheRulesOfAGroup) {
    const NetworkSecurityGroup group = group_in(group_body());
    EXPECT_EQ(group.id, group_id);
    EXPECT_FALSE(group.effective);
    ASSERT_TRUE(group.rules.complete);
    ASSERT_EQ(group.rules.items.size(), 2U);
    const NsgRule& rule = group.rules.items[0];
    EXPECT_EQ(rule.name, "no-ch");
    EXPECT_EQ(rule.priority, 100U);
    EXPECT_EQ(rule.toward, Toward::inbound);
    EXPECT_FALSE(rule.allow);
    EXPECT_EQ(rule.protocol, "Tcp");
    EXPECT_EQ(rule.source.prefixes, std::vector<std::string>{"10.0.1.0/24"});
    EXPECT_TRUE(rule.source.ports.empty());
    EXPECT_EQ(rule.destination.prefixes, std::vector<std::string>{"*"});
    EXPECT_EQ(rule.destination.ports, (std::vector<PortRange>{{9440, 9440}, {8000, 8443}}));
    EXPECT_EQ(group.rules.items[1].priority, 65'500U);
    EXPECT_TRUE(group.rules.items[1].destination.ports.empty());
}

TEST(AzureParseNetwork, LeavesRulesIncompleteWhereOneIsNotUnderstood) {
    EXPECT_FALSE(group_in(group_body("Audit")).rules.complete);
    EXPECT_EQ(group_in(group_body("Audit")).rules.items.size(), 1U);
    EXPECT_FALSE(group_in(R"({"id": "/g", "properties": {"securityRules": []}})").rules.complete);
    EXPECT_FALSE(group_in(R"({"id": "/g", "properties": {"securityRules": "x", "defaultSecurityRules": []}})")
                     .rules.complete);
}

TEST(AzureParseNetwork, ReadsGroupsOfApplicationsAsASide) {
    const NetworkSecurityGroup group = group_in(R"({"id": "/g", "properties": {"defaultSecurityRules": [],
        "securityRules": [{"name": "r", "properties": {"priority": 1, "direction": "Outbound", "access": "Allow",
        "protocol": "*", "sourcePortRange": "*", "sourceApplicationSecurityGroups": [{"id": "/asg"}],
        "destinationAddressPrefixes": ["10.0.0.0/8", "VirtualNetwork"], "destinationPortRange": "443"}}]}})");
    ASSERT_TRUE(group.rules.complete);
    EXPECT_EQ(group.rules.items[0].source.application_groups, std::vector<std::string>{"/asg"});
    EXPECT_EQ(group.rules.items[0].destination.prefixes,
              (std::vector<std::string>{"10.0.0.0/8", "VirtualNetwork"}));
}

TEST(AzureParseNetwork, RefusesAPortThatIsNone) {
    for (const char* port : {"", "x", "70000", "9-1", "1-2-3"}) {
        const NetworkSecurityGroup group = group_in(
            R"({"id": "/g", "properties": {"defaultSecurityRules": [], "securityRules": [{"name": "r", "properties":
            {"priority": 1, "direction": "Inbound", "access": "Deny", "protocol": "*", "sourceAddressPrefix": "*",
            "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": ")" +
            std::string(port) + R"("}}]}})");
        EXPECT_FALSE(group.rules.complete) << port;
    }
}

TEST(AzureParseNetwork, ReadsEffectiveGroupsEachForItself) {
    const auto parsed = parse_effective_groups(R"({"value": [{"networkSecurityGroup": {"id": "/nic-nsg"},
        "association": {"networkInterface": {"id": "/nic"}}, "effectiveSecurityRules": [{"name": "securityRules/out",
        "protocol": "All", "sourcePortRange": "0-65535", "destinationPortRange": "443-443", "sourceAddressPrefix":
        "VirtualNetwork", "expandedSourceAddressPrefix": ["10.0.0.0/16", "168.63.129.16/32"],
        "destinationAddressPrefix": "0.0.0.0/0", "access": "Allow", "priority": 100, "direction": "Outbound"}]},
        {"networkSecurityGroup": {"id": "/subnet-nsg"}, "association": {"subnet": {"id": "/subnet"}},
        "effectiveSecurityRules": []}]})");
    ASSERT_TRUE(parsed && parsed->items.size() == 2);
    const NetworkSecurityGroup& group = parsed->items[0];
    EXPECT_TRUE(group.effective);
    EXPECT_EQ(group.id, "/nic-nsg");
    EXPECT_EQ(group.interface, "/nic");
    ASSERT_TRUE(group.rules.complete);
    EXPECT_EQ(group.rules.items[0].protocol, "*");
    EXPECT_EQ(group.rules.items[0].source.prefixes,
              (std::vector<std::string>{"10.0.0.0/16", "168.63.129.16/32"}));
    EXPECT_EQ(group.rules.items[0].destination.ports, (std::vector<PortRange>{{443, 443}}));
}

TEST(AzureParseNetwork, ReadsEffectiveRoutes) {
    const auto parsed = parse_effective_routes(R"({"value": [
        {"name": null, "source": "Default", "state": "Active", "addressPrefix": ["10.0.3.7/32"],
         "nextHopType": "InterfaceEndpoint", "nextHopIpAddress": []},
        {"source": "User", "state": "Invalid", "addressPrefix": ["10.0.3.0/24"], "nextHopType": "None"},
        {"source": "User", "state": "Active", "addressPrefix": ["10.0.0.0/8", "172.16.0.0/12"],
         "nextHopType": "VirtualAppliance", "nextHopIpAddress": ["10.0.9.4"]}]})");
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->items.size(), 3U);
    EXPECT_EQ(parsed->items[0].next_hop, "InterfaceEndpoint");
    EXPECT_EQ(parsed->items[1].network.to_string(), "10.0.0.0/8");
    EXPECT_EQ(parsed->items[2].next_hop_addresses, std::vector<IpAddress>{address("10.0.9.4")});
    EXPECT_FALSE(parse_effective_routes(R"({"value": [{"nextHopType": "None"}]})"));
}

TEST(AzureParseNetwork, ReadsASubnetWithItsPolicies) {
    const auto parsed = parse_azure_subnets(subnet_body("NetworkSecurityGroupEnabled"));
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    EXPECT_EQ(parsed->items[0].network, network);
    EXPECT_EQ(parsed->items[0].networks, std::vector<Cidr>{Cidr::parse("10.0.3.0/24").value()});
    EXPECT_EQ(parsed->items[0].endpoint_policies, EndpointPolicies::security_group_only);
    EXPECT_EQ(parsed->items[0].network_security_group, group_id);
    EXPECT_EQ(parse_azure_subnets(subnet_body("Sometimes"))->items[0].endpoint_policies,
              EndpointPolicies::unknown);
    EXPECT_EQ(parse_azure_subnets(
                  R"({"id": "/x", "properties": {"addressPrefixes": ["10.0.0.0/24", "fd00::/64"]}})")
                  ->items[0]
                  .networks.size(),
              2U);
}

TEST(AzureParseNetwork, ReadsANetworkWithItsServers) {
    const auto parsed = parse_virtual_networks(network_body());
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    EXPECT_EQ(parsed->items[0].id, network);
    EXPECT_EQ(parsed->items[0].networks.size(), 1U);
    EXPECT_EQ(parsed->items[0].dns_servers, std::vector<IpAddress>{address("10.0.0.53")});
}

}  // namespace
}  // namespace whylink::control
