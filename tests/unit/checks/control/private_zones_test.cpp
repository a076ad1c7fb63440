#include "checks/control/private_zones.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

constexpr const char* vnet = "/subscriptions/s/providers/Microsoft.Network/virtualNetworks/app";
constexpr const char* host = "db.privatelink.example.com";

Subject subject() {
    Subject made;
    made.host = host;
    return made;
}

DnsZone zone(std::vector<ZoneLink> links, std::vector<DnsRecord> records) {
    DnsZone made;
    made.name = "privatelink.example.com";
    made.links = {std::move(links), true};
    made.asked = {host};
    made.records = {std::move(records), true};
    return made;
}

ZoneLink link(const char* network = vnet, const char* state = "Completed") {
    ZoneLink made;
    made.network = network;
    made.state = state;
    return made;
}

DnsRecord record(const char* name) {
    DnsRecord made;
    made.name = name;
    made.type = "A";
    made.values = {"10.0.0.4"};
    return made;
}

CompleteListing all_zones() {
    return {{}, "private_dns_zone", "s"};
}

PrivateDns judge(const Facts& facts, const Endpoint* endpoint = nullptr) {
    return private_dns(facts, subject(), vnet, endpoint);
}

TEST(PrivateDns, AnswersWithALinkAndARecord) {
    Facts facts;
    facts.zones = {zone({link()}, {record(host)})};
    EXPECT_EQ(judge(facts).answers, true);
    facts.zones = {zone({link()}, {record("*.privatelink.example.com")})};
    EXPECT_EQ(judge(facts).answers, true);
}

TEST(PrivateDns, SaysWhichPartIsMissing) {
    Facts facts;
    facts.complete = {all_zones()};
    facts.zones = {
        zone({link("/subscriptions/s/providers/Microsoft.Network/virtualNetworks/other")}, {record(host)})};
    EXPECT_EQ(judge(facts).answers, false);
    EXPECT_EQ(judge(facts).missing, "zone privatelink.example.com has no link to app");
    facts.zones = {zone({link()}, {})};
    EXPECT_EQ(judge(facts).missing,
              "zone privatelink.example.com has no record for db.privatelink.example.com");
    facts.zones = {zone({link(vnet, "InProgress")}, {record(host)})};
    EXPECT_EQ(judge(facts).missing, "the link of zone privatelink.example.com to app is InProgress");
}

TEST(PrivateDns, AZoneWithoutALinkSaysNothingWhereOthersMayBeLinked) {
    Facts facts;
    facts.zones = {zone({}, {record(host)})};
    EXPECT_EQ(judge(facts).answers, std::nullopt);
    facts.complete = {all_zones()};
    EXPECT_EQ(judge(facts).answers, false);
    facts.complete.clear();
    NetworkZones zones;
    zones.network = vnet;
    zones.zones.complete = true;
    facts.network_zones = {zones};
    EXPECT_EQ(judge(facts).answers, false);
}

TEST(PrivateDns, NamesTheZoneGroupThatWouldKeepTheRecord) {
    const std::string no_record = "zone privatelink.example.com has no record for db.privatelink.example.com";
    Facts facts;
    facts.zones = {zone({link()}, {})};
    facts.zones.front().id = "/subscriptions/s/privateDnsZones/privatelink.example.com";
    Endpoint endpoint;
    endpoint.id = "/subscriptions/s/privateEndpoints/pe";
    EXPECT_EQ(judge(facts, &endpoint).missing, no_record);
    endpoint.group_ids = {"blob"};
    EXPECT_EQ(judge(facts, &endpoint).missing, no_record) << "groups were not read";
    facts.complete = {{{}, "private_dns_zone_group", endpoint.id}};
    EXPECT_EQ(judge(facts, &endpoint).missing, no_record + "; pe has no DNS zone group");
    ZoneGroup group;
    group.endpoint = endpoint.id;
    group.zones = {"/subscriptions/s/privateDnsZones/other.example.com"};
    facts.zone_groups = {group};
    EXPECT_EQ(judge(facts, &endpoint).missing, no_record + "; the DNS zone group of pe has other zones");
    facts.zone_groups.front().zones.push_back(facts.zones.front().id);
    EXPECT_EQ(judge(facts, &endpoint).missing, no_record);
}

TEST(PrivateDns, OneZoneThatAnswersIsEnough) {
    Facts facts;
    facts.zones = {zone({}, {record(host)}), zone({link()}, {record(host)})};
    EXPECT_EQ(judge(facts).answers, true);
}

TEST(PrivateDns, TheMostSpecificZoneThatIsLinkedDecides) {
    Facts facts;
    facts.complete = {all_zones()};
    DnsZone broader = zone({link()}, {record(host)});
    broader.name = "example.com.";
    for (const bool first : {true, false}) {
        facts.zones =
            first ? std::vector{zone({link()}, {}), broader} : std::vector{broader, zone({link()}, {})};
        EXPECT_EQ(judge(facts).answers, false) << "it hides the record of the broader one";
        EXPECT_EQ(judge(facts).missing,
                  "zone privatelink.example.com has no record for db.privatelink.example.com");
    }
    facts.zones = {zone({link()}, {record(host)}), broader};
    facts.zones.back().records.items.clear();
    EXPECT_EQ(judge(facts).answers, true) << "the broader one is not asked";
    facts.zones = {zone({}, {record(host)}), broader};
    EXPECT_EQ(judge(facts).answers, true) << "one that is not linked hides nothing";
    facts.zones.front().links.complete = false;
    EXPECT_EQ(judge(facts).answers, std::nullopt) << "whether it hides the other is not known";
}

TEST(PrivateDns, WhatWasNotReadIsUnknown) {
    Facts facts;
    EXPECT_EQ(judge(facts).answers, std::nullopt);
    EXPECT_EQ(private_dns(facts, subject(), "", nullptr).answers, std::nullopt);
    facts.zones = {zone({}, {record(host)})};
    facts.zones.front().links.complete = false;
    EXPECT_EQ(judge(facts).answers, std::nullopt);
    facts.zones = {zone({link()}, {})};
    facts.zones.front().records.complete = false;
    EXPECT_EQ(judge(facts).answers, std::nullopt);
    facts.zones = {zone({link()}, {})};
    facts.zones.front().asked.clear();
    EXPECT_EQ(judge(facts).answers, std::nullopt);
}

TEST(PrivateDns, AnotherZoneSaysNothing) {
    Facts facts;
    facts.zones = {zone({}, {})};
    facts.zones.front().name = "link.example.com";
    EXPECT_EQ(judge(facts).answers, std::nullopt);
}

TEST(PrivateDns, TheNetworkMaySwitchItOff) {
    Facts facts;
    Network network;
    network.id = vnet;
    network.dns_support = false;
    facts.networks = {network};
    EXPECT_EQ(judge(facts).answers, false);
    EXPECT_EQ(judge(facts).missing, "enableDnsSupport of " + std::string(vnet) + " is off");
}

TEST(PrivateDns, DnsServersOfTheNetworksOwnLeaveItOpen) {
    Facts facts;
    Network network;
    network.id = vnet;
    network.dns_servers = {*IpAddress::parse("10.0.0.53")};
    facts.networks = {network};
    facts.zones = {zone({}, {record(host)})};
    EXPECT_EQ(judge(facts).answers, std::nullopt);
}

TEST(PrivateDns, AListWithoutTheZoneNamesTheEndpointsSwitch) {
    Facts facts;
    NetworkZones zones;
    zones.network = vnet;
    zones.zones = {{"other.example.org"}, true};
    facts.network_zones = {zones};
    Endpoint endpoint;
    endpoint.id = "vpce-1";
    endpoint.private_dns = false;
    EXPECT_EQ(judge(facts).missing, "no private zone in app has db.privatelink.example.com");
    EXPECT_EQ(judge(facts, &endpoint).missing, "private DNS of vpce-1 is off");
    facts.network_zones.front().zones.items.emplace_back("example.com");
    EXPECT_EQ(judge(facts).answers, std::nullopt);
    facts.network_zones.front().zones = {{}, false};
    EXPECT_EQ(judge(facts).answers, std::nullopt);
}

}  // namespace
}  // namespace whylink::control
