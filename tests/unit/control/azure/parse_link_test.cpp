#include <gtest/gtest.h>

#include "control/azure/parse.hpp"
#include "tests/unit/control/azure/bodies.hpp"

namespace whylink::control {
namespace {

using namespace arm_test;

Endpoint endpoint_in(const std::string& body) {
    const auto parsed = parse_private_endpoints(body);
    EXPECT_TRUE(parsed && parsed->items.size() == 1) << body;
    return parsed && !parsed->items.empty() ? parsed->items.front() : Endpoint();
}

TEST(AzureParseLink, ReadsAnEndpointThatWasMadeByAlias) {
    const Endpoint endpoint = endpoint_in(endpoint_body());
    EXPECT_EQ(endpoint.id, endpoint_id);
    EXPECT_EQ(endpoint.name, "pe");
    EXPECT_EQ(endpoint.other_ids, std::vector<std::string>{guid});
    EXPECT_EQ(endpoint.state, ConnectionState::waiting);
    EXPECT_EQ(endpoint.state_word, "Pending");
    EXPECT_EQ(endpoint.description, "Awaiting Approval");
    EXPECT_EQ(endpoint.service, alias);
    EXPECT_EQ(endpoint.owner, subscription);
    EXPECT_EQ(endpoint.region, "westus3");
    EXPECT_EQ(endpoint.network, network);
    EXPECT_EQ(endpoint.subnets, std::vector<std::string>{subnet_id});
    ASSERT_EQ(endpoint.interfaces.items.size(), 1U);
    EXPECT_EQ(endpoint.interfaces.items[0].id, interface_id);
    EXPECT_TRUE(endpoint.interfaces.items[0].addresses.empty());
    EXPECT_FALSE(endpoint.interfaces.complete);
}

TEST(AzureParseLink, ReadsTheAddressesThatAnEndpointSays) {
    const Endpoint endpoint =
        endpoint_in(R"({"id": ")" + endpoint_id + R"(", "properties": {"networkInterfaces": [{"id": "nic"}],
        "privateLinkServiceConnections": [{"properties": {"privateLinkServiceId": "/subscriptions/s", "groupIds": ["blob"],
        "privateLinkServiceConnectionState": {"status": "Approved"}}}],
        "customDnsConfigs": [{"fqdn": "A.blob.core.windows.net.", "ipAddresses": ["10.0.3.9", "10.0.3.8"]}],
        "ipConfigurations": [{"properties": {"privateIPAddress": "10.0.3.9"}}]}})");
    EXPECT_EQ(endpoint.dns_names, std::vector<std::string>{"a.blob.core.windows.net"});
    EXPECT_EQ(endpoint.group_ids, std::vector<std::string>{"blob"});
    ASSERT_EQ(endpoint.interfaces.items.size(), 1U);
    EXPECT_EQ(endpoint.interfaces.items[0].addresses,
              (std::vector<IpAddress>{address("10.0.3.9"), address("10.0.3.8")}));
}

TEST(AzureParseLink, JudgesAStateByItsProvisioning) {
    EXPECT_EQ(endpoint_in(endpoint_body("Approved")).state, ConnectionState::available);
    EXPECT_EQ(endpoint_in(endpoint_body("Approved", "Updating")).state, ConnectionState::setting_up);
    EXPECT_EQ(endpoint_in(endpoint_body("Approved", "Failed")).state, ConnectionState::failed);
    EXPECT_EQ(endpoint_in(endpoint_body("Disconnected")).state, ConnectionState::disconnected);
    EXPECT_EQ(endpoint_in(endpoint_body("Rejected", "Succeeded", "not you")).description, "not you");
    EXPECT_EQ(endpoint_in(endpoint_body("Approved", "Updating", "")).description,
              "provisioningState Updating");
}

TEST(AzureParseLink, LeavesAWordThatIsNewUnknown) {
    const Endpoint endpoint = endpoint_in(endpoint_body("Quarantined"));
    EXPECT_EQ(endpoint.state, ConnectionState::unknown);
    EXPECT_EQ(endpoint.state_word, "Quarantined");
}

TEST(AzureParseLink, LivesWithMissingMembers) {
    const Endpoint endpoint = endpoint_in(R"({"id": "/x", "properties": {}})");
    EXPECT_EQ(endpoint.id, "/x");
    EXPECT_EQ(endpoint.state, ConnectionState::unknown);
    EXPECT_TRUE(endpoint.other_ids.empty());
    EXPECT_TRUE(endpoint.interfaces.items.empty());
}

TEST(AzureParseLink, TakesMembersOfAnotherTypeForMissing) {
    const Endpoint endpoint = endpoint_in(R"({"id": "/x", "location": 7, "properties": {"resourceGuid": ["g"],
        "subnet": "s", "networkInterfaces": {"id": "n"}, "manualPrivateLinkServiceConnections": "c",
        "customDnsConfigs": [{"ipAddresses": "10.0.0.4"}]}})");
    EXPECT_EQ(endpoint.region, "");
    EXPECT_TRUE(endpoint.other_ids.empty());
    EXPECT_TRUE(endpoint.subnets.empty());
}

TEST(AzureParseLink, RefusesWhatIsNoAnswer) {
    const std::string body = page(endpoint_body());
    for (const std::string& bad :
         {body.substr(0, body.size() - 9), std::string("[]"), std::string("{}"), std::string("\"x\""),
          std::string(R"({"value": {}})"), std::string(R"({"value": [7]})"),
          std::string(R"({"value": [{"name": "pe"}]})"), std::string(R"({"value": [], "nextLink": 7})"),
          std::string(R"({"value": [{"id": 7}]})"), std::string(5000, '{')}) {
        EXPECT_FALSE(parse_private_endpoints(bad)) << bad.substr(0, 80);
    }
}

TEST(AzureParseLink, GivesTheLinkToTheNextPage) {
    const auto parsed =
        parse_private_endpoints(page(endpoint_body(), "https://management.azure.com/next?x=1"));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->next, "https://management.azure.com/next?x=1");
    EXPECT_EQ(parse_private_endpoints(page(""))->next, "");
}

TEST(AzureParseLink, ReadsAnInterface) {
    const auto parsed = parse_azure_interfaces(interface_body());
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    const Interface& interface = parsed->items.front();
    EXPECT_EQ(interface.id, interface_id);
    EXPECT_EQ(interface.addresses, std::vector<IpAddress>{address("10.0.3.7")});
    EXPECT_EQ(interface.subnet, subnet_id);
    EXPECT_EQ(interface.network, network);
    EXPECT_FALSE(parse_azure_interfaces(R"({"id": "/x", "properties": {}})"));
}

TEST(AzureParseLink, ReadsTheInterfacesOfAMachine) {
    const auto parsed = parse_machine_interfaces(
        R"({"id": "/vm", "properties": {"networkProfile": {"networkInterfaces": [{"id": "/a"}, {"id": "/b"}]}}})");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->items, (std::vector<std::string>{"/a", "/b"}));
    EXPECT_FALSE(parse_machine_interfaces(R"({"id": "/vm", "properties": {}})"));
}

TEST(AzureParseLink, ReadsAServiceWithItsConnections) {
    const auto parsed =
        parse_private_link_services(page(service_body("[" + connection_body("Pending") + "]")));
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    const EndpointService& service = parsed->items[0].service;
    EXPECT_TRUE(service.own);
    EXPECT_EQ(service.name, "pls.1f2e.westus3.azure.privatelinkservice");
    EXPECT_EQ(service.allowed.items, (std::vector<Principal>{{"subscription", "a"}, {"subscription", "b"}}));
    EXPECT_TRUE(service.allowed.complete);
    EXPECT_EQ(service.acceptance_required, true);
    EXPECT_EQ(service.proxy_header, true);
    EXPECT_EQ(service.balancers, std::vector<std::string>{network_id("loadBalancers/lb")});
    ASSERT_TRUE(parsed->items[0].connections.complete);
    ASSERT_EQ(parsed->items[0].connections.items.size(), 1U);
    const Connection& connection = parsed->items[0].connections.items[0];
    EXPECT_EQ(connection.service, network_id("privateLinkServices/pls"));
    EXPECT_EQ(connection.owner, "22222222-0000-4000-8000-000000000002");
    EXPECT_EQ(connection.state, ConnectionState::waiting);
    EXPECT_EQ(connection.link_id, "536870918");
    EXPECT_EQ(connection.region, "eastus");
}

TEST(AzureParseLink, LeavesConnectionsIncompleteWhereTheyAreNotUnderstood) {
    const auto parsed = parse_private_link_services(service_body(R"([{"id": "x"}])"));
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(parsed->items[0].connections.complete);
    EXPECT_FALSE(parse_private_link_services(service_body("7"))->items[0].connections.complete);
}

TEST(AzureParseLink, NeedsNoAcceptanceWhereAnybodyIsApproved) {
    const auto parsed = parse_private_link_services(
        R"({"id": "/x", "properties": {"autoApproval": {"subscriptions": ["*"]}}})");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->items[0].service.acceptance_required, false);
    EXPECT_FALSE(parsed->items[0].service.allowed.complete);
}

TEST(AzureParseLink, ReadsABalancerWithItsRules) {
    const auto parsed =
        parse_azure_balancers(R"({"id": "/lb", "name": "lb", "properties": {"provisioningState": "Succeeded",
        "frontendIPConfigurations": [{"zones": ["1", "2"], "properties": {"privateIPAddress": "10.0.5.4"}}],
        "loadBalancingRules": [{"id": "/lb/r", "properties": {"frontendPort": 9440, "protocol": "Tcp",
        "idleTimeoutInMinutes": 4, "enableTcpReset": false, "backendAddressPool": {"id": "/pool"}}}], "probes": []}})");
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    EXPECT_EQ(parsed->items[0].balancer.zones.size(), 2U);
    ASSERT_EQ(parsed->items[0].rules.size(), 1U);
    EXPECT_EQ(parsed->items[0].rules[0].port, 9440);
    EXPECT_EQ(parsed->items[0].rules[0].idle_timeout, 240U);
    EXPECT_EQ(parsed->items[0].rules[0].resets_idle, false);
    EXPECT_FALSE(parse_azure_balancers(R"({"id": "/lb", "properties": {}})"));
}

}  // namespace
}  // namespace whylink::control
