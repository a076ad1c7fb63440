#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "control/azure/read.hpp"
#include "tests/unit/control/azure/bodies.hpp"

namespace whylink::control {
namespace {

using namespace arm_test;

constexpr const char* host = "abcd.westus3.privatelink.azure.clickhouse.cloud";

Subject subject_of(std::string_view ip = "10.0.3.7") {
    Subject subject;
    subject.target = "clickhouse";
    subject.vendor = "clickhouse";
    subject.host = host;
    subject.port = 9440;
    subject.addresses = {address(ip)};
    return subject;
}

/// One endpoint with all that is around it.
struct Around : Account {
    Around() {
        arm.answer(listing("privateEndpoints"), page(endpoint_body("Approved")));
        arm.answer(interface_id, interface_body());
        arm.answer(subnet_id, subnet_body());
        arm.answer(network, network_body());
        arm.answer(group_id, group_body());
        arm.answer(endpoint_id + "/privateDnsZoneGroups", page(""));
        arm.answer(listing("privateDnsZones"), page(zone_body()));
        arm.answer(zone_id + "/virtualNetworkLinks", page(link_body()));
        arm.answer(zone_id + "/A/abcd", record_body(std::string(host) + ".", "10.0.3.7"));
    }
    Readings read(const Subject& subject, const Instance* instance = nullptr) {
        return read_azure_consumer(reading(std::span(&subject, 1), instance), subscription, cloud);
    }
};

TEST(AzureConsumerTest, FindsTheEndpointOfAnAddress) {
    Around around;
    const Readings readings = around.read(subject_of());
    ASSERT_EQ(readings.facts.endpoints.size(), 1U);
    const Endpoint& endpoint = readings.facts.endpoints[0];
    EXPECT_EQ(endpoint.id, endpoint_id);
    EXPECT_EQ(endpoint.origin.account, "acme-azure");
    EXPECT_TRUE(endpoint.interfaces.complete);
    EXPECT_EQ(endpoint.interfaces.items[0].addresses, std::vector<IpAddress>{address("10.0.3.7")});
    const Read* read = find_read(readings, "private_endpoint");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::ok);
    EXPECT_EQ(read->targets, std::vector<std::string>{"clickhouse"});
    EXPECT_EQ(word_of(readings, "private_endpoint", "state"), "Approved");
    EXPECT_EQ(word_of(readings, "private_endpoint", "resourceGuid"), guid);
    EXPECT_EQ(word_of(readings, "private_endpoint", "privateIPAddresses"), "10.0.3.7");
    EXPECT_TRUE(is_complete(readings.facts, "private_endpoint"));
}

TEST(AzureConsumerTest, FindsAnEndpointByEachOfItsIdentifiers) {
    std::string shouted = endpoint_id;
    std::ranges::transform(shouted, shouted.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    for (const std::string& id : {endpoint_id, shouted, std::string(guid)}) {
        Around around;
        Subject subject = subject_of("10.9.9.9");
        subject.endpoint_id = id;
        const Readings readings = around.read(subject);
        EXPECT_EQ(word_of(readings, "private_endpoint", "id"), endpoint_id) << id;
    }
}

TEST(AzureConsumerTest, ListsTheInterfacesWhereManyCouldHaveTheAddress) {
    Around around;
    std::string endpoints = endpoint_body("Approved");
    for (int i = 0; i < 12; ++i) {
        const std::string other = network_id("privateEndpoints/other" + std::to_string(i));
        endpoints += R"(, {"id": ")" + other + R"(", "properties": {"networkInterfaces": [{"id": ")" +
                     network_id("networkInterfaces/nic" + std::to_string(i)) + R"("}]}})";
    }
    around.arm.answer(listing("privateEndpoints"), page(endpoints));
    around.arm.answer(listing("networkInterfaces"), page(interface_body()));
    const Readings readings = around.read(subject_of());
    EXPECT_EQ(word_of(readings, "private_endpoint", "id"), endpoint_id);
    EXPECT_EQ(around.arm.times(listing("networkInterfaces")), 1U);
    EXPECT_FALSE(around.arm.was_asked(interface_id));
    EXPECT_EQ(readings.facts.endpoints.size(), 13U);
}

TEST(AzureConsumerTest, ReadsWhatIsAroundAnEndpoint) {
    Around around;
    const Facts facts = around.read(subject_of()).facts;
    ASSERT_EQ(facts.subnets.size(), 1U);
    EXPECT_EQ(facts.subnets[0].endpoint_policies, EndpointPolicies::enabled);
    ASSERT_EQ(facts.network_security_groups.size(), 1U);
    EXPECT_EQ(facts.network_security_groups[0].id, group_id);
    ASSERT_EQ(facts.networks.size(), 1U);
    EXPECT_EQ(facts.networks[0].id, network);
}

TEST(AzureConsumerTest, DoesNotReadAGroupThatBindsNoEndpoint) {
    Around around;
    around.arm.answer(subnet_id, subnet_body("Disabled"));
    EXPECT_TRUE(around.read(subject_of()).facts.network_security_groups.empty());
    EXPECT_FALSE(around.arm.was_asked(group_id));
}

TEST(AzureConsumerTest, ReadsTheZoneOfAName) {
    Around around;
    const Facts facts = around.read(subject_of()).facts;
    ASSERT_EQ(facts.zones.size(), 1U);
    const DnsZone& zone = facts.zones[0];
    ASSERT_TRUE(zone.links.complete);
    EXPECT_EQ(zone.links.items[0].network, network);
    EXPECT_EQ(zone.asked, (std::vector<std::string>{"*.westus3.privatelink.azure.clickhouse.cloud", host}));
    ASSERT_TRUE(zone.records.complete);
    ASSERT_EQ(zone.records.items.size(), 1U);
    EXPECT_EQ(zone.records.items[0].values, std::vector<std::string>{"10.0.3.7"});
    EXPECT_TRUE(is_complete(facts, "private_dns_zone"));
    EXPECT_TRUE(is_complete(facts, "private_dns_zone_group"));
}

TEST(AzureConsumerTest, NamesThatAreLeftOutAreSaid) {
    Around around;
    Subject subject = subject_of();
    std::vector<Subject> subjects(30, subject);
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        subjects[i].host = "n" + std::to_string(10 + i) + ".westus3.privatelink.azure.clickhouse.cloud";
    }
    const Readings readings = read_azure_consumer(around.reading(subjects), subscription, cloud);
    ASSERT_EQ(readings.facts.zones.size(), 1U);
    const DnsZone& zone = readings.facts.zones[0];
    ASSERT_EQ(zone.asked.size(), 24U);
    EXPECT_EQ(zone.asked[0], "*.westus3.privatelink.azure.clickhouse.cloud");
    EXPECT_EQ(zone.asked[23], subjects[22].host);
    EXPECT_TRUE(zone.records.complete) << "of the names that were asked for";
    const Read* read = find_read(readings, "private_dns_record");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::error);
    EXPECT_EQ(read->detail, "zone westus3.privatelink.azure.clickhouse.cloud: 24 of 31 names are asked for");
}

TEST(AzureConsumerTest, TellsAMissingRecordFromOneThatWasNotRead) {
    Around around;
    around.arm.answer(zone_id + "/A/abcd", R"({"error": {"code": "NotFound", "message": "no"}})", 404);
    EXPECT_TRUE(around.read(subject_of()).facts.zones.at(0).records.complete);
    Around denied;
    denied.arm.deny("Microsoft.Network/privateDnsZones/A/read");
    const Readings readings = denied.read(subject_of());
    EXPECT_FALSE(readings.facts.zones.at(0).records.complete);
    const Read* read = find_read(readings, "private_dns_record");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::forbidden);
    EXPECT_EQ(read->detail, "Microsoft.Network/privateDnsZones/A/read");
}

TEST(AzureConsumerTest, ReadsAZoneThatAnEndpointsGroupNames) {
    Around around;
    const std::string elsewhere =
        "/subscriptions/hub/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/privatelink.azure.clickhouse.cloud";
    around.arm.answer(listing("privateDnsZones"), page(""));
    around.arm.answer(endpoint_id + "/privateDnsZoneGroups",
                      page(R"({"id": ")" + endpoint_id + R"(/privateDnsZoneGroups/default", "properties":
        {"privateDnsZoneConfigs": [{"properties": {"privateDnsZoneId": ")" +
                           elsewhere + R"(", "recordSets": []}}]}})"));
    around.arm.answer(elsewhere + "/virtualNetworkLinks", page(""));
    Subject subject = subject_of();
    subject.names = {"Abcd.privatelink.azure.clickhouse.cloud."};
    const Facts facts = around.read(subject).facts;
    ASSERT_EQ(facts.zones.size(), 1U);
    EXPECT_EQ(facts.zones[0].owner, "hub");
    EXPECT_TRUE(facts.zones[0].links.complete);
    EXPECT_TRUE(facts.zones[0].links.items.empty());
}

TEST(AzureConsumerTest, AsksForNoRecordOfANameThatLeadsToAnother) {
    Around around;
    Subject subject = subject_of();
    subject.names = {"other.westus3.privatelink.azure.clickhouse.cloud"};
    const Facts facts = around.read(subject).facts;
    EXPECT_EQ(facts.zones.at(0).asked,
              (std::vector<std::string>{"*.westus3.privatelink.azure.clickhouse.cloud",
                                        "other.westus3.privatelink.azure.clickhouse.cloud"}));
    EXPECT_FALSE(around.arm.was_asked(zone_id + "/A/abcd"));
}

TEST(AzureConsumerTest, AsksForTheRecordOfANameThatLeadsOutOfTheZone) {
    Around around;
    Subject subject = subject_of();
    subject.names = {"lb.westus3.azure.clickhouse.cloud"};
    const Facts facts = around.read(subject).facts;
    EXPECT_EQ(facts.zones.at(0).asked,
              (std::vector<std::string>{"*.westus3.privatelink.azure.clickhouse.cloud", host}));
}

TEST(AzureConsumerTest, AMissingPermissionTakesAwayOneFact) {
    Around around;
    around.arm.deny("Microsoft.Network/networkInterfaces/read");
    Subject subject = subject_of();
    subject.endpoint_id = endpoint_id;
    const Readings readings = around.read(subject);
    EXPECT_EQ(word_of(readings, "private_endpoint", "state"), "Approved");
    EXPECT_FALSE(readings.facts.endpoints.at(0).interfaces.complete);
    const Read* read = find_read(readings, "network_interface");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::forbidden);
    EXPECT_EQ(read->detail, "Microsoft.Network/networkInterfaces/read");
    EXPECT_EQ(readings.facts.subnets.size(), 1U);
}

TEST(AzureConsumerTest, SaysThatNoEndpointIsThere) {
    Around around;
    around.arm.answer(listing("privateEndpoints"), page(""));
    Subject subject = subject_of();
    subject.endpoint_id = endpoint_id;
    const Readings readings = around.read(subject);
    const Read* read = find_read(readings, "private_endpoint");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::not_found);
    EXPECT_EQ(read->detail, endpoint_id + " is not in subscription " + subscription);
    EXPECT_TRUE(is_complete(readings.facts, "private_endpoint"));
}

TEST(AzureConsumerTest, SaysNothingOfAbsenceWhereTheInterfacesWereNotRead) {
    Around around;
    around.arm.deny("Microsoft.Network/networkInterfaces/read");
    const Readings readings = around.read(subject_of());
    EXPECT_EQ(find_read(readings, "private_endpoint"), nullptr);
}

TEST(AzureConsumerTest, AsksForAConfiguredEndpointWhereTheListingIsForbidden) {
    Around around;
    around.arm.answer(listing("privateEndpoints"),
                      R"({"error": {"code": "AuthorizationFailed", "message": "no"}})", 403);
    around.arm.answer(endpoint_id, endpoint_body("Rejected"));
    Subject subject = subject_of();
    subject.endpoint_id = endpoint_id;
    const Readings readings = around.read(subject);
    ASSERT_EQ(readings.facts.endpoints.size(), 1U);
    EXPECT_EQ(readings.facts.endpoints[0].state, ConnectionState::rejected);
    EXPECT_FALSE(is_complete(readings.facts, "private_endpoint"));
}

TEST(AzureConsumerTest, ReadsEveryPage) {
    Around around;
    const std::string url = "https://management.azure.com" + listing("privateEndpoints") + "?page=2";
    around.arm.answer(listing("privateEndpoints"), page("", url));
    around.arm.answer(listing("privateEndpoints") + "?page=2", page(endpoint_body()));
    const Readings readings = around.read(subject_of());
    EXPECT_EQ(readings.facts.endpoints.size(), 1U);
    EXPECT_TRUE(is_complete(readings.facts, "private_endpoint"));
}

TEST(AzureConsumerTest, ALinkToAnotherHostEndsTheListing) {
    for (const std::string& link : {"https://evil.example" + listing("privateEndpoints") + "?page=2",
                                    "http://management.azure.com" + listing("privateEndpoints") + "?page=2",
                                    "https://management.azure.com" + listing("privateDnsZones") + "?page=2",
                                    std::string("https://management.azure.com@evil.example/")}) {
        Around around;
        around.arm.answer(listing("privateEndpoints"), page(endpoint_body(), link));
        const Readings readings = around.read(subject_of());
        EXPECT_EQ(readings.facts.endpoints.size(), 1U) << link;
        EXPECT_FALSE(is_complete(readings.facts, "private_endpoint")) << link;
        EXPECT_EQ(around.arm.times(listing("privateEndpoints")), 1U) << link;
        EXPECT_TRUE(std::ranges::any_of(readings.reads, [](const Read& read) {
            return read.read == "private_endpoint" && read.result == Result::error;
        })) << link;
    }
}

TEST(AzureConsumerTest, ALinkToItselfEndsTheListing) {
    Around around;
    const std::string url = "https://management.azure.com" + listing("privateEndpoints") + "?page=2";
    around.arm.answer(listing("privateEndpoints"), page("", url));
    const Readings readings = around.read(subject_of());
    EXPECT_EQ(around.arm.times(listing("privateEndpoints")), 2U);
    EXPECT_FALSE(is_complete(readings.facts, "private_endpoint"));
}

TEST(AzureConsumerTest, GarbageIsAnError) {
    for (const std::string& body :
         {std::string("<html>"), std::string(5000, '['), endpoint_body().substr(0, 200)}) {
        Around around;
        around.arm.answer(listing("privateEndpoints"), body);
        const Readings readings = around.read(subject_of());
        const Read* read = find_read(readings, "private_endpoint");
        ASSERT_NE(read, nullptr);
        EXPECT_EQ(read->result, Result::error);
        EXPECT_TRUE(readings.facts.endpoints.empty());
    }
}

TEST(AzureConsumerTest, AThrottledListingIsNotAskedAgain) {
    Around around;
    around.arm.answer(listing("privateEndpoints"),
                      R"({"error": {"code": "TooManyRequests", "message": "slow down"}})", 429,
                      {{"retry-after", "3000"}, {"x-ms-ratelimit-remaining-subscription-reads", "0"}});
    const Readings readings = around.read(subject_of());
    const Read* read = find_read(readings, "private_endpoint");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::throttled);
    EXPECT_EQ(around.arm.asked.size(), 1U);
}

/// This host, as the metadata service and Azure Resource Manager have it.
struct Machine : Around {
    const std::string id = "/subscriptions/" + subscription +
                           "/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm";
    const std::string own = network_id("networkInterfaces/vm-nic");
    const std::string rules = own + "/effectiveNetworkSecurityGroups";
    const std::string routes = own + "/effectiveRouteTable";
    const std::string result = listing("locations/westus3/operationResults/1234");
    Instance instance;

    Machine() {
        instance.cloud = config::Cloud::azure;
        instance.account = subscription;
        instance.id = id;
        arm.answer(id, R"({"id": ")" + id +
                           R"(", "properties": {"networkProfile": {"networkInterfaces": [{"id": ")" + own +
                           R"("}]}}})");
        arm.answer(own, interface_body(own, "10.0.3.10"));
        arm.answer(rules, "", 202,
                   {{"location", "https://management.azure.com" + result + "?api-version=2024-05-01"}});
        arm.answer_in_order(result, {response(202, ""),
                                     response(200, R"({"value": [{"networkSecurityGroup": {"id": ")" +
                                                       group_id + R"("}, "effectiveSecurityRules": []}]})")});
        arm.answer(routes, R"({"value": [{"state": "Active", "addressPrefix": ["10.0.3.7/32"],
                               "nextHopType": "InterfaceEndpoint", "nextHopIpAddress": []}]})");
    }
};

TEST(AzureConsumerTest, ReadsThisHost) {
    Machine machine;
    const Facts facts = machine.read(subject_of(), &machine.instance).facts;
    ASSERT_EQ(facts.instances.size(), 1U);
    EXPECT_EQ(facts.instances[0].interfaces.at(0).id, machine.own);
    EXPECT_EQ(facts.instances[0].interfaces.at(0).network, network);
}

TEST(AzureConsumerTest, WaitsForWhatAzureComputes) {
    Machine machine;
    const Facts facts = machine.read(subject_of(), &machine.instance).facts;
    const auto effective =
        std::ranges::find(facts.network_security_groups, true, &NetworkSecurityGroup::effective);
    ASSERT_NE(effective, facts.network_security_groups.end());
    EXPECT_EQ(effective->interface, machine.own);
    EXPECT_EQ(machine.arm.times(machine.result), 2U);
    ASSERT_EQ(facts.route_tables.size(), 1U);
    EXPECT_EQ(facts.route_tables[0].routes.items.at(0).next_hop, "InterfaceEndpoint");
}

TEST(AzureConsumerTest, FollowsNoResultToAnotherHost) {
    Machine machine;
    machine.arm.answer(machine.rules, "", 202, {{"location", "https://evil.example" + machine.result}});
    const Readings readings = machine.read(subject_of(), &machine.instance);
    const Read* read = find_read(readings, "effective_security_groups");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::error);
    EXPECT_FALSE(machine.arm.was_asked(machine.result));
}

TEST(AzureConsumerTest, DoesNotAskForAHostOfAnotherSubscription) {
    Machine machine;
    machine.instance.account = "33333333-0000-4000-8000-000000000003";
    EXPECT_TRUE(machine.read(subject_of(), &machine.instance).facts.instances.empty());
    EXPECT_FALSE(machine.arm.was_asked(machine.id));
}

}  // namespace
}  // namespace whylink::control
