#include "checks/control/matches.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

constexpr const char* resource_id =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe";
constexpr const char* guid = "6f1c6a1e-0b7d-4a53-9c8e-2d4f5a6b7c8d";

Endpoint azure() {
    Endpoint endpoint;
    endpoint.id = resource_id;
    endpoint.other_ids = {guid};
    return endpoint;
}

VendorService listing(std::vector<std::string> ids, bool complete = true) {
    VendorService service;
    service.allow_list = {std::move(ids), complete};
    return service;
}

Endpoint with_address(std::string id, const char* address) {
    Endpoint endpoint;
    endpoint.id = std::move(id);
    Interface interface;
    interface.addresses = {*IpAddress::parse(address)};
    endpoint.interfaces = {{interface}, true};
    return endpoint;
}

TEST(Matches, WordsAreComparedWithoutCase) {
    EXPECT_EQ(connection_state("pendingAcceptance"), ConnectionState::waiting);
    EXPECT_EQ(connection_state("PendingAcceptance"), ConnectionState::waiting);
    EXPECT_EQ(connection_state("PENDING"), ConnectionState::waiting);
    EXPECT_EQ(connection_state("Approved"), ConnectionState::available);
    EXPECT_EQ(connection_state("ACCEPTED"), ConnectionState::available);
    EXPECT_EQ(connection_state("CLOSED"), ConnectionState::disconnected);
    EXPECT_EQ(connection_state("NEEDS_ATTENTION"), ConnectionState::needs_attention);
    EXPECT_EQ(target_state("unhealthy.draining"), TargetState::unhealthy);
    EXPECT_EQ(service_state("Running"), ServiceState::running);
    EXPECT_EQ(service_state("softdeleted"), ServiceState::terminated);
}

TEST(Matches, AnUnknownWordIsUnknown) {
    EXPECT_EQ(connection_state("Paused"), ConnectionState::unknown);
    EXPECT_EQ(connection_state(""), ConnectionState::unknown);
    EXPECT_EQ(target_state("sleeping"), TargetState::unknown);
    EXPECT_EQ(service_state("upgrading"), ServiceState::unknown);
}

TEST(Matches, OnlyAzuresIdentifiersHaveNoCase) {
    EXPECT_TRUE(same_id("/Subscriptions/S/x", "/subscriptions/s/X"));
    EXPECT_TRUE(same_id("6F1C6A1E-0B7D-4A53-9C8E-2D4F5A6B7C8D", guid));
    EXPECT_TRUE(same_id("vpce-0a1b", "vpce-0a1b"));
    EXPECT_FALSE(same_id("vpce-0a1b", "vpce-0A1B"));
    EXPECT_FALSE(same_id("", ""));
}

TEST(Matches, AnAllowListMayHaveAnyForm) {
    EXPECT_EQ(is_listed(listing({"vpce-1", resource_id}), azure()), true);
    EXPECT_EQ(is_listed(listing({"6F1C6A1E-0B7D-4A53-9C8E-2D4F5A6B7C8D"}), azure()), true);
    EXPECT_EQ(is_listed(listing({"/subscriptions/s/other"}), azure()), false);
    EXPECT_EQ(is_listed(listing({}), azure()), false);
    Endpoint gcp;
    gcp.id = "projects/p/regions/r/forwardingRules/f";
    gcp.other_ids = {"102600141743718403"};
    EXPECT_EQ(is_listed(listing({"102600141743718403"}), gcp), true);
    EXPECT_EQ(is_listed(listing({"102600141743718404"}), gcp), false);
}

TEST(Matches, AListThatWasNotReadInFullProvesNoAbsence) {
    EXPECT_EQ(is_listed(listing({"/subscriptions/s/other"}, false), azure()), std::nullopt);
    EXPECT_EQ(is_listed(listing({resource_id}, false), azure()), true);
}

TEST(Matches, AnEntryOfAFormThatIsNotKnownOfTheEndpointLeavesItOpen) {
    Endpoint endpoint = azure();
    endpoint.other_ids.clear();
    EXPECT_EQ(is_listed(listing({guid}), endpoint), std::nullopt);
}

TEST(Matches, AnEndpointIsFoundByEachOfItsIdentifiers) {
    Facts facts;
    facts.endpoints = {azure()};
    EXPECT_EQ(endpoint_by_id(facts, guid), facts.endpoints.data());
    EXPECT_EQ(endpoint_by_id(facts, resource_id), facts.endpoints.data());
    EXPECT_EQ(endpoint_by_id(facts, "vpce-1"), nullptr);
    EXPECT_EQ(endpoint_by_id(facts, ""), nullptr);
}

TEST(Matches, AnAddressOfTwoNetworksNamesNoEndpoint) {
    const IpAddress address = *IpAddress::parse("10.0.0.4");
    Facts facts;
    facts.endpoints = {with_address("vpce-1", "10.0.0.4"), with_address("vpce-2", "10.0.0.5")};
    EXPECT_EQ(endpoint_by_address(facts, address), facts.endpoints.data());
    EXPECT_EQ(endpoint_by_address(facts, *IpAddress::parse("10.0.0.6")), nullptr);
    facts.endpoints.push_back(with_address("vpce-3", "10.0.0.4"));
    EXPECT_EQ(endpoint_by_address(facts, address), nullptr);
    // Read by two accounts it is still one.
    facts.endpoints.back().id = "vpce-1";
    EXPECT_EQ(endpoint_by_address(facts, address), facts.endpoints.data());
}

TEST(Matches, AServiceIsFoundByBothOfItsNames) {
    VendorService service;
    service.private_host = "abcd.westus3.privatelink.azure.clickhouse.cloud";
    service.addresses = {{"https", "abcd.westus3.azure.clickhouse.cloud", 8443}};
    Facts facts;
    facts.vendor_services = {service};
    EXPECT_NE(service_by_host(facts, "ABCD.westus3.privatelink.azure.clickhouse.cloud."), nullptr);
    EXPECT_NE(service_by_host(facts, "abcd.westus3.azure.clickhouse.cloud"), nullptr);
    EXPECT_EQ(service_by_host(facts, "other.westus3.azure.clickhouse.cloud"), nullptr);
    EXPECT_EQ(service_by_host(facts, ""), nullptr);
    // The private name was not read.
    facts.vendor_services.front().private_host.clear();
    EXPECT_NE(service_by_host(facts, "abcd.westus3.privatelink.azure.clickhouse.cloud"), nullptr);
    EXPECT_EQ(service_by_host(facts, "other.westus3.privatelink.azure.clickhouse.cloud"), nullptr);
    EXPECT_TRUE(is_public_host(service, "ABCD.westus3.azure.clickhouse.cloud."));
    EXPECT_FALSE(is_public_host(service, "abcd.westus3.privatelink.azure.clickhouse.cloud"));
}

TEST(Matches, AZoneHasItsOwnNameAndThoseBelowIt) {
    EXPECT_TRUE(is_in_zone("example.com", "example.com"));
    EXPECT_TRUE(is_in_zone("db.example.com", "example.com"));
    EXPECT_FALSE(is_in_zone("badexample.com", "example.com"));
    EXPECT_FALSE(is_in_zone("com", "example.com"));
    EXPECT_FALSE(is_in_zone("example.com", ""));
}

TEST(Matches, AnEndpointIsKnownByANameThatTheHostLeadsTo) {
    Endpoint endpoint;
    endpoint.dns_names = {"vpce-0a.vpce-svc-0a.eu-west-1.vpce.amazonaws.com"};
    Subject subject;
    subject.host = "db.example.com";
    EXPECT_FALSE(has_name(endpoint, subject));
    subject.names = {"VPCE-0a.vpce-svc-0a.eu-west-1.vpce.amazonaws.com."};
    EXPECT_TRUE(has_name(endpoint, subject));
}

}  // namespace
}  // namespace whylink::control
