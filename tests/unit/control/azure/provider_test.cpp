#include <gtest/gtest.h>

#include <algorithm>

#include "control/azure/read.hpp"
#include "tests/unit/control/azure/bodies.hpp"

namespace whylink::control {
namespace {

using namespace arm_test;

const std::string service_id = network_id("privateLinkServices/pls");

Subject watch(std::string_view service = {}) {
    Subject subject;
    subject.target = "from-emqx";
    subject.side = Side::provider;
    subject.service = service;
    return subject;
}

struct Provider : Account {
    Provider() {
        arm.answer(listing("privateLinkServices"),
                   page(service_body("[" + connection_body("Pending") + "]")));
        arm.answer(network_id("loadBalancers/lb"),
                   R"({"id": ")" + network_id("loadBalancers/lb") + R"(", "name": "lb", "properties":
        {"loadBalancingRules": [{"id": "/r", "properties": {"frontendPort": 8883, "protocol": "Tcp",
        "idleTimeoutInMinutes": 30, "enableTcpReset": true}}]}})");
    }
    Readings read(const Subject& subject) {
        return read_azure_provider(reading(std::span(&subject, 1)), subscription, cloud);
    }
};

TEST(AzureProviderTest, FindsWhoWaitsForOurAcceptance) {
    Provider provider;
    const Readings readings = provider.read(watch());
    ASSERT_EQ(readings.facts.connections.size(), 1U);
    EXPECT_EQ(readings.facts.connections[0].state, ConnectionState::waiting);
    EXPECT_EQ(readings.facts.connections[0].service, service_id);
    EXPECT_EQ(readings.facts.connections[0].origin.account, "acme-azure");
    EXPECT_EQ(word_of(readings, "connection", "state"), "Pending");
    EXPECT_EQ(word_of(readings, "private_link_service", "enableProxyProtocol"), "true");
    EXPECT_TRUE(is_complete(readings.facts, "private_link_service"));
    EXPECT_TRUE(is_complete(readings.facts, "connection"));
    ASSERT_EQ(readings.facts.listeners.size(), 1U);
    EXPECT_EQ(readings.facts.listeners[0].idle_timeout, 1800U);
}

TEST(AzureProviderTest, FindsAServiceByEachOfItsNames) {
    for (const std::string& name :
         {service_id, std::string("PLS"), std::string("pls.1f2e.westus3.azure.privatelinkservice")}) {
        Provider provider;
        const Readings readings = provider.read(watch(name));
        EXPECT_EQ(word_of(readings, "private_link_service", "id"), service_id) << name;
    }
}

TEST(AzureProviderTest, SaysThatAServiceIsNotThere) {
    Provider provider;
    const Readings readings = provider.read(watch("other"));
    const Read* read = find_read(readings, "private_link_service");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::not_found);
    EXPECT_EQ(find_read(readings, "load_balancer"), nullptr);
}

TEST(AzureProviderTest, AsksForConnectionsThatAServiceDoesNotSay) {
    Provider provider;
    provider.arm.answer(listing("privateLinkServices"), page(service_body("null")));
    provider.arm.answer(service_id + "/privateEndpointConnections", page(connection_body("Approved")));
    const Readings readings = provider.read(watch());
    ASSERT_EQ(readings.facts.connections.size(), 1U);
    EXPECT_EQ(readings.facts.connections[0].state, ConnectionState::available);
}

TEST(AzureProviderTest, UnreadConnectionsProveNothing) {
    Provider provider;
    provider.arm.answer(listing("privateLinkServices"), page(service_body("null")));
    provider.arm.deny("Microsoft.Network/privateLinkServices/privateEndpointConnections/read");
    const Readings readings = provider.read(watch());
    EXPECT_FALSE(is_complete(readings.facts, "connection"));
    const Read* read = find_read(readings, "connection");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->detail, "Microsoft.Network/privateLinkServices/privateEndpointConnections/read");
}

}  // namespace
}  // namespace whylink::control
