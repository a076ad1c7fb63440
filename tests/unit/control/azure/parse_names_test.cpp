#include <gtest/gtest.h>

#include "control/azure/parse.hpp"
#include "tests/unit/control/azure/bodies.hpp"

namespace whylink::control {
namespace {

using namespace arm_test;

TEST(AzureParseNames, ReadsAZone) {
    const auto parsed = parse_private_dns_zones(page(zone_body()));
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    EXPECT_EQ(parsed->items[0].id, zone_id);
    EXPECT_EQ(parsed->items[0].name, "westus3.privatelink.azure.clickhouse.cloud");
    EXPECT_EQ(parsed->items[0].owner, subscription);
    EXPECT_FALSE(parse_private_dns_zones(R"({"value": [{"id": "/z"}]})"));
}

TEST(AzureParseNames, ReadsALink) {
    const auto parsed = parse_zone_links(page(link_body()));
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    EXPECT_EQ(parsed->items[0].network, network);
    EXPECT_EQ(parsed->items[0].state, "Completed");
    EXPECT_EQ(parsed->items[0].resolution_policy, "Default");
    EXPECT_EQ(parsed->items[0].registration, false);
    EXPECT_FALSE(parse_zone_links(R"({"value": [{"id": "/l", "properties": {}}]})"));
}

TEST(AzureParseNames, ReadsRecordsOfEachKind) {
    const auto parsed = parse_record_sets_of_zone(page(
        record_body("ABCD.zone.", "10.0.3.7") +
        R"(, {"type": "Microsoft.Network/privateDnsZones/AAAA", "properties": {"fqdn": "v6.zone.", "aaaaRecords":
        [{"ipv6Address": "fd00::7"}]}}, {"type": "Microsoft.Network/privateDnsZones/CNAME", "properties": {"fqdn":
        "c.zone.", "ttl": "60", "cnameRecord": {"cname": "Other.zone."}}})"));
    ASSERT_TRUE(parsed && parsed->items.size() == 3);
    EXPECT_EQ(parsed->items[0].name, "abcd.zone");
    EXPECT_EQ(parsed->items[0].type, "A");
    EXPECT_EQ(parsed->items[0].ttl, 3600U);
    EXPECT_EQ(parsed->items[0].values, std::vector<std::string>{"10.0.3.7"});
    EXPECT_EQ(parsed->items[1].values, std::vector<std::string>{"fd00::7"});
    EXPECT_EQ(parsed->items[2].values, std::vector<std::string>{"other.zone"});
    EXPECT_FALSE(parse_record_sets_of_zone(R"({"properties": {"aRecords": []}})"));
}

TEST(AzureParseNames, ReadsWhatAnEndpointKeeps) {
    const auto parsed = parse_zone_groups(
        page(R"({"id": ")" + endpoint_id +
             R"(/privateDnsZoneGroups/default", "properties": {"privateDnsZoneConfigs": [
        {"name": "z", "properties": {"privateDnsZoneId": ")" +
             zone_id +
             R"(", "recordSets": [{"recordType": "A", "recordSetName": "abcd", "fqdn": "abcd.zone", "ttl": 10,
        "ipAddresses": ["10.0.3.7"], "provisioningState": "Succeeded"}]}}]}})"));
    ASSERT_TRUE(parsed && parsed->items.size() == 1);
    EXPECT_EQ(parsed->items[0].endpoint, endpoint_id);
    EXPECT_EQ(parsed->items[0].zones, std::vector<std::string>{zone_id});
    ASSERT_EQ(parsed->items[0].records.size(), 1U);
    EXPECT_EQ(parsed->items[0].records[0].kept_by, endpoint_id);
    EXPECT_FALSE(
        parse_zone_groups(R"({"value": [{"id": "/x", "properties": {"privateDnsZoneConfigs": []}}]})"));
}

}  // namespace
}  // namespace whylink::control
