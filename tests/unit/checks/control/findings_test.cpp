#include "checks/control/findings.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

constexpr Time failing{std::chrono::milliseconds(1'000'000)};
constexpr Time before{std::chrono::milliseconds(999'999)};

IpAddress address(const char* text) {
    return *IpAddress::parse(text);
}

Endpoint endpoint(std::string id, const char* own_address = "10.0.0.4") {
    Endpoint made;
    made.origin.read_at = failing;
    made.id = std::move(id);
    made.service = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a";
    made.owner = "111122223333";
    Interface interface;
    interface.id = "eni-1";
    interface.zone_id = "euw1-az1";
    interface.addresses = {address(own_address)};
    made.interfaces = {{interface}, true};
    return made;
}

Subject subject() {
    Subject made;
    made.host = "db.example.com";
    made.port = 9440;
    made.addresses = {address("10.0.0.4")};
    made.sources = {address("10.0.3.10")};
    return made;
}

EndpointService service() {
    EndpointService made;
    made.origin.read_at = failing;
    made.own = true;
    made.id = "vpce-svc-0a";
    made.name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a";
    made.balancers = {"lb-1"};
    return made;
}

TargetGroup targets(const std::vector<TargetState>& states) {
    TargetGroup made;
    made.origin.read_at = failing;
    made.id = "tg-1";
    for (const TargetState state : states) {
        Target target;
        target.state = state;
        made.targets.items.push_back(target);
    }
    made.targets.complete = true;
    return made;
}

CompleteListing listed(const char* read, const char* scope) {
    return {{{}, failing}, read, scope};
}

Facts provided(const std::vector<TargetState>& states) {
    Listener listener;
    listener.origin.read_at = failing;
    listener.balancer = "lb-1";
    listener.port = 9440;
    listener.target_groups = {"tg-1"};
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.services = {service()};
    facts.listeners = {listener};
    facts.target_groups = {targets(states)};
    return facts;
}

Instance host() {
    Interface interface;
    interface.id = "eni-9";
    interface.network = "vpc-1";
    interface.addresses = {address("10.0.3.10")};
    interface.security_groups = {"sg-0host"};
    Instance here;
    here.origin.read_at = failing;
    here.cloud = config::Cloud::aws;
    here.interfaces = {interface};
    return here;
}

// ---- which endpoint ----

TEST(Findings, DiscoverTheEndpointByItsAddress) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-1", "10.0.0.9"), endpoint("vpce-2")};
    const Findings found = find(facts, subject(), failing);
    ASSERT_NE(found.endpoint, nullptr);
    EXPECT_EQ(found.endpoint->id, "vpce-2");
    EXPECT_EQ(found.addresses_right, true);
    EXPECT_TRUE(found.mismatches.empty());
}

TEST(Findings, DiscoverTheEndpointByAnExpectedAddressOrAName) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    Subject by_expect = subject();
    by_expect.addresses.clear();
    by_expect.expect = {*Cidr::parse("10.0.0.4")};
    EXPECT_NE(find(facts, by_expect, failing).endpoint, nullptr);
    by_expect.expect = {*Cidr::parse("10.0.0.0/24")};
    EXPECT_EQ(find(facts, by_expect, failing).endpoint, nullptr);
    facts.endpoints.front().dns_names = {"vpce-1-abcd.vpce-svc-0a.eu-west-1.vpce.amazonaws.com"};
    Subject by_name = subject();
    by_name.addresses.clear();
    by_name.names = {"VPCE-1-abcd.vpce-svc-0a.eu-west-1.vpce.amazonaws.com."};
    EXPECT_NE(find(facts, by_name, failing).endpoint, nullptr);
}

TEST(Findings, AnEndpointOfAnotherNetworkWithTheSameAddressIsNotMeant) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.endpoints.front().network = "vpc-2";
    facts.instances = {host()};
    EXPECT_NE(find(facts, subject(), failing).endpoint, nullptr) << "the networks may be peered";
    Subnet subnet;
    subnet.origin.read_at = failing;
    subnet.network = "vpc-1";
    subnet.networks = {*Cidr::parse("10.0.0.0/24")};
    facts.subnets = {subnet};
    EXPECT_EQ(find(facts, subject(), failing).endpoint, nullptr) << "this host's own network has the address";
    facts.endpoints.front().network = "vpc-1";
    EXPECT_NE(find(facts, subject(), failing).endpoint, nullptr);
}

TEST(Findings, TakeTheOnlyEndpointOfTheService) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-1", "10.0.0.9")};
    facts.complete = {listed("vpc_endpoint", "eu-west-1")};
    Subject by_service = subject();
    by_service.service = "vpce-svc-0a";
    // It has another address, so the target's may be in an account that was not read.
    EXPECT_EQ(find(facts, by_service, failing).endpoint, nullptr);
    by_service.addresses.clear();
    const Findings found = find(facts, by_service, failing);
    ASSERT_NE(found.endpoint, nullptr);
    EXPECT_EQ(found.addresses_right, std::nullopt);
    EXPECT_EQ(found.right_addresses, std::vector{address("10.0.0.9")});
    // Before it is accepted it has no address.
    facts.endpoints.front().interfaces.items.clear();
    by_service.addresses = {address("10.0.0.4")};
    EXPECT_NE(find(facts, by_service, failing).endpoint, nullptr);
    facts.endpoints.push_back(endpoint("vpce-2", "10.0.0.8"));
    EXPECT_EQ(find(facts, by_service, failing).endpoint, nullptr);
}

TEST(Findings, NoEndpointIsTheOnlyOneOfAListingThatEndedEarly) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.endpoints.front().region = "eu-west-1";
    facts.endpoints.front().origin.account = "acme";
    Subject by_service = subject();
    by_service.service = "vpce-svc-0a";
    by_service.addresses.clear();
    EXPECT_EQ(find(facts, by_service, failing).endpoint, nullptr);
    // Of another region, of another account.
    facts.complete = {{{"acme", failing}, "vpc_endpoint", "us-east-1"}, listed("vpc_endpoint", "eu-west-1")};
    EXPECT_EQ(find(facts, by_service, failing).endpoint, nullptr);
    facts.complete.front().scope = "eu-west-1";
    EXPECT_NE(find(facts, by_service, failing).endpoint, nullptr);
}

TEST(Findings, SayWhatTheConfigHasOtherwise) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-1", "10.0.0.9"), endpoint("vpce-2")};
    Subject configured = subject();
    configured.endpoint_id = "vpce-1";
    configured.service = "vpce-svc-0b";
    configured.expect = {*Cidr::parse("10.0.0.4/32")};
    const Findings found = find(facts, configured, std::nullopt);
    ASSERT_EQ(found.mismatches.size(), 3U);
    EXPECT_EQ(found.mismatches[0].what, "endpoint_id");
    EXPECT_EQ(found.mismatches[0].found, "vpce-2");
    EXPECT_EQ(found.mismatches[1].what, "expect");
    EXPECT_EQ(found.mismatches[1].found, "10.0.0.9");
    EXPECT_EQ(found.mismatches[2].what, "service");
}

TEST(Findings, AnAbsenceNeedsAListingInFull) {
    Facts facts;
    Subject configured = subject();
    configured.endpoint_id = "vpce-1";
    EXPECT_FALSE(find(facts, configured, failing).endpoint_absent);
    facts.complete = {{{"acme", failing}, "private_endpoint", "s"}};
    EXPECT_FALSE(find(facts, configured, failing).endpoint_absent);
    facts.complete = {{{"acme", failing}, "vpc_endpoint", "eu-west-1"}};
    EXPECT_TRUE(find(facts, configured, failing).endpoint_absent);
    facts.complete = {{{"acme", before}, "vpc_endpoint", "eu-west-1"}};
    EXPECT_FALSE(find(facts, configured, failing).endpoint_absent);
}

TEST(Findings, AnAbsenceNeedsTheListingOfItsRegion) {
    Facts facts;
    facts.complete = {listed("vpc_endpoint", "eu-west-1")};
    Subject configured = subject();
    configured.endpoint_id = "vpce-1";
    configured.host = "vpce-1-abcd.vpce-svc-0a.us-east-1.vpce.amazonaws.com";
    EXPECT_FALSE(find(facts, configured, failing).endpoint_absent);
    configured.host = "vpce-1-abcd.vpce-svc-0a.eu-west-1.vpce.amazonaws.com";
    EXPECT_TRUE(find(facts, configured, failing).endpoint_absent);
    // Names without a region: an endpoint is in a network of this host's region.
    configured.host = "db.example.com";
    facts.instances = {host()};
    facts.instances.front().region = "us-east-1";
    EXPECT_FALSE(find(facts, configured, failing).endpoint_absent);
    facts.instances.front().region = "eu-west-1";
    EXPECT_TRUE(find(facts, configured, failing).endpoint_absent);
}

TEST(Findings, AnAbsenceNeedsTheListingOfItsSubscription) {
    Facts facts;
    facts.complete = {listed("private_endpoint", "11111111-0000-4000-8000-00000000000a")};
    Subject configured = subject();
    configured.endpoint_id =
        "/subscriptions/22222222-0000-4000-8000-00000000000b/resourceGroups/rg/providers/Microsoft.Network/"
        "privateEndpoints/pe";
    EXPECT_FALSE(find(facts, configured, failing).endpoint_absent);
    configured.endpoint_id =
        "/SUBSCRIPTIONS/11111111-0000-4000-8000-00000000000A/resourceGroups/rg/providers/Microsoft.Network/"
        "privateEndpoints/pe";
    EXPECT_TRUE(find(facts, configured, failing).endpoint_absent);
    // An identifier without a subscription may be of any.
    configured.endpoint_id = "6f1c6a1e-0b7d-4a53-9c8e-2d4f5a6b7c8d";
    EXPECT_FALSE(find(facts, configured, failing).endpoint_absent);
}

// ---- when it was read ----

TEST(Findings, WhatIsOlderThanTheFailureProvesNothing) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    EXPECT_NE(find(facts, subject(), failing).endpoint, nullptr);
    facts.endpoints.front().origin.read_at = before;
    EXPECT_EQ(find(facts, subject(), failing).endpoint, nullptr);
    EXPECT_NE(find(facts, subject(), std::nullopt).endpoint, nullptr);
}

TEST(Findings, WhatIsNewerStaysBesideWhatIsTooOld) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-0", "10.0.0.8"), endpoint("vpce-1")};
    facts.endpoints.front().origin.read_at = before;
    const Findings found = find(facts, subject(), failing);
    ASSERT_NE(found.endpoint, nullptr);
    EXPECT_EQ(found.endpoint->id, "vpce-1");
    EXPECT_EQ(found.endpoint, found.facts->endpoints.data());
}

TEST(Findings, WhereThisHostIsStaysButNotItsGroups) {
    Instance here = host();
    here.origin.read_at = before;
    SecurityGroupRule rule;
    rule.protocol = "tcp";
    rule.groups = {"sg-0other"};
    SecurityGroup group;
    group.origin.read_at = failing;
    group.id = "sg-0abc";
    group.rules = {{rule}, true};
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.endpoints.front().security_groups = {"sg-0abc"};
    facts.security_groups = {group};
    facts.instances = {here};
    const Findings found = find(facts, subject(), failing);
    ASSERT_EQ(found.facts->instances.size(), 1U);
    EXPECT_EQ(found.facts->instances.front().interfaces.front().network, "vpc-1");
    EXPECT_FALSE(found.blocked);
    EXPECT_TRUE(find(facts, subject(), std::nullopt).blocked);
}

TEST(Findings, TheAccountKnowsMoreOfThisHostThanItsMetadata) {
    Interface interface;
    interface.id = "nic";
    interface.addresses = {address("10.0.3.10")};
    Instance here;
    here.origin.read_at = failing;
    here.interfaces = {interface};
    Instance by_account = here;
    by_account.interfaces.front().network = "/subscriptions/s/virtualNetworks/app";
    Network network;
    network.origin.read_at = failing;
    network.id = "/subscriptions/s/virtualNetworks/app";
    network.dns_support = false;
    Facts facts;
    facts.instances = {here, by_account};
    facts.networks = {network};
    EXPECT_EQ(find(facts, subject(), failing).zone_linked, false);
    // Of a name without an address nothing was sent: it is the only network.
    Subject unsent = subject();
    unsent.sources.clear();
    EXPECT_EQ(find(facts, unsent, failing).zone_linked, false);
    by_account.interfaces.front().network = "/subscriptions/s/virtualNetworks/other";
    facts.instances.push_back(by_account);
    EXPECT_EQ(find(facts, unsent, failing).zone_linked, std::nullopt);
}

// ---- the vendor ----

TEST(Findings, CompareTheVendorsServiceWithTheEndpoint) {
    VendorService vendor;
    vendor.origin.read_at = failing;
    vendor.private_host = "db.example.com";
    vendor.endpoint_service = "com.amazonaws.vpce.eu-west-1.vpce-svc-0b";
    vendor.allow_list = {{"vpce-1"}, true};
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.vendor_services = {vendor};
    const Findings found = find(facts, subject(), failing);
    EXPECT_EQ(found.asks_private_host, true);
    EXPECT_EQ(found.on_allow_list, true);
    EXPECT_EQ(found.connects_to_vendor, false);
    ASSERT_EQ(found.mismatches.size(), 1U);
    EXPECT_EQ(found.mismatches.front().what, "endpoint_service");
}

TEST(Findings, FindTheVendorsServiceByItsIdentifierOrPublicName) {
    VendorService vendor;
    vendor.origin.read_at = failing;
    vendor.id = "c0ffee00-0000-4000-8000-000000000002";
    vendor.addresses = {{"https", "db.example.com", 8443}};
    Facts facts;
    facts.vendor_services = {vendor};
    EXPECT_EQ(find(facts, subject(), failing).asks_private_host, false);
    Subject configured = subject();
    configured.host = "alias.example.org";
    EXPECT_EQ(find(facts, configured, failing).vendor, nullptr);
    configured.service = "C0FFEE00-0000-4000-8000-000000000002";
    const Findings found = find(facts, configured, failing);
    EXPECT_NE(found.vendor, nullptr);
    EXPECT_EQ(found.asks_private_host, std::nullopt);
}

TEST(Findings, AConfiguredIdentifierIsEnoughForTheList) {
    VendorService vendor;
    vendor.origin.read_at = failing;
    vendor.private_host = "db.example.com";
    vendor.allow_list = {{"vpce-2"}, true};
    Facts facts;
    facts.vendor_services = {vendor};
    Subject configured = subject();
    EXPECT_EQ(find(facts, configured, failing).on_allow_list, std::nullopt);
    configured.endpoint_id = "vpce-1";
    EXPECT_EQ(find(facts, configured, failing).on_allow_list, false);
}

// ---- rules ----

TEST(Findings, GlobalAccessIsNeededFromAnotherRegion) {
    Endpoint psc = endpoint("projects/p/regions/europe-west1/forwardingRules/f");
    psc.region = "europe-west1";
    psc.global_access = false;
    Instance here;
    here.origin.read_at = failing;
    here.cloud = config::Cloud::gcp;
    here.region = "europe-west4";
    Facts facts;
    facts.endpoints = {psc};
    facts.instances = {here};
    const Findings found = find(facts, subject(), failing);
    ASSERT_TRUE(found.blocked);
    EXPECT_EQ(found.blocked->reason,
              "global access is off, and this host is in europe-west4, not in europe-west1");
    facts.instances.front().region = "europe-west1";
    EXPECT_FALSE(find(facts, subject(), failing).blocked);
}

TEST(Findings, RulesThatWereNotReadNeitherBlockNorAllow) {
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.endpoints.front().security_groups = {"sg-0abc"};
    const Findings found = find(facts, subject(), failing);
    EXPECT_FALSE(found.blocked);
    EXPECT_FALSE(found.rules_allow());
    EXPECT_FALSE(found.rulings.empty());
}

// ---- the provider's side ----

TEST(Findings, OneHealthyTargetIsEnough) {
    using enum TargetState;
    EXPECT_EQ(find(provided({unhealthy, healthy}), subject(), failing).has_healthy_target, true);
    EXPECT_EQ(find(provided({unhealthy, unused}), subject(), failing).has_healthy_target, false);
    EXPECT_EQ(find(provided({}), subject(), failing).has_healthy_target, false);
    EXPECT_EQ(find(provided({unhealthy, unknown}), subject(), failing).has_healthy_target, std::nullopt);
    Facts facts = provided({unhealthy});
    facts.target_groups.front().targets.complete = false;
    EXPECT_EQ(find(facts, subject(), failing).has_healthy_target, std::nullopt);
    facts = provided({unhealthy});
    facts.listeners.front().port = 443;
    EXPECT_EQ(find(facts, subject(), failing).has_healthy_target, std::nullopt);
}

TEST(Findings, NoTargetIsHealthyWhereEachGroupWasRead) {
    using enum TargetState;
    Facts facts = provided({unhealthy});
    facts.listeners.front().target_groups.emplace_back("tg-2");
    EXPECT_EQ(find(facts, subject(), failing).has_healthy_target, std::nullopt);
    facts = provided({unhealthy});
    facts.services.front().balancers.emplace_back("lb-2");
    EXPECT_EQ(find(facts, subject(), failing).has_healthy_target, std::nullopt);
    Listener other = facts.listeners.front();
    other.balancer = "lb-2";
    other.port = 443;
    facts.listeners.push_back(other);
    EXPECT_EQ(find(facts, subject(), failing).has_healthy_target, false);
}

TEST(Findings, AGroupOfAnotherServiceSaysNothing) {
    Facts facts = provided({TargetState::unhealthy});
    facts.endpoints.clear();
    facts.target_groups.front().port = 6379;
    Subject watch;
    watch.side = Side::provider;
    watch.port = 6379;
    watch.service = "vpce-svc-0a";
    EXPECT_EQ(find(facts, watch, failing).has_healthy_target, false);
    facts.listeners.front().balancer = "lb-9";
    EXPECT_TRUE(find(facts, watch, failing).unhealthy_groups.empty());
    EXPECT_EQ(find(facts, watch, failing).has_healthy_target, std::nullopt);
}

TEST(Findings, TheOnlyServiceIsThatOfAListingInFull) {
    Facts facts;
    facts.services = {service()};
    Subject watch;
    watch.side = Side::provider;
    watch.port = 6379;
    EXPECT_EQ(find(facts, watch, failing).service, nullptr);
    facts.complete = {listed("service", "us-east-1")};
    EXPECT_EQ(find(facts, watch, failing).service, nullptr);
    facts.complete = {listed("service", "eu-west-1")};
    EXPECT_NE(find(facts, watch, failing).service, nullptr);
}

TEST(Findings, GroupsOfThisHostCountInItsOwnNetwork) {
    SecurityGroupRule rule;
    rule.protocol = "tcp";
    rule.groups = {"sg-0host"};
    SecurityGroup group;
    group.origin.read_at = failing;
    group.id = "sg-0abc";
    group.rules = {{rule}, true};
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.endpoints.front().security_groups = {"sg-0abc"};
    facts.endpoints.front().network = "vpc-1";
    facts.security_groups = {group};
    facts.instances = {host()};
    const auto last = [&] { return find(facts, subject(), failing).rulings.back(); };
    EXPECT_EQ(last().passage, Passage::allowed);
    facts.endpoints.front().network = "vpc-2";
    EXPECT_EQ(last().passage, Passage::unknown);
    EXPECT_EQ(last().reason,
              "a rule lets in members of sg-0host; between two VPCs they count over peering or a transit "
              "gateway with security group referencing");
}

/// An endpoint whose group lets everything in, and this host.
Facts with_own_group(std::vector<SecurityGroupRule> rules) {
    SecurityGroupRule all_in;
    all_in.protocol = "-1";
    all_in.networks = {*Cidr::parse("0.0.0.0/0")};
    SecurityGroup open;
    open.origin.read_at = failing;
    open.id = "sg-0abc";
    open.rules = {{all_in}, true};
    SecurityGroup own = open;
    own.id = "sg-0host";
    own.rules.items = std::move(rules);
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.endpoints.front().security_groups = {"sg-0abc"};
    facts.endpoints.front().network = "vpc-1";
    facts.security_groups = {open, own};
    facts.instances = {host()};
    return facts;
}

TEST(Findings, WhatTheGroupsOfThisHostDoNotLetOutIsDenied) {
    Facts facts = with_own_group({});
    const Findings found = find(facts, subject(), failing);
    ASSERT_TRUE(found.blocked);
    EXPECT_EQ(found.blocked->resource, "sg-0host");
    EXPECT_EQ(found.blocked->reason, "no outbound rule for tcp/9440 to 10.0.0.4");
    SecurityGroupRule to_endpoint;
    to_endpoint.toward = Toward::outbound;
    to_endpoint.protocol = "tcp";
    to_endpoint.groups = {"sg-0abc"};
    facts = with_own_group({to_endpoint});
    EXPECT_FALSE(find(facts, subject(), failing).blocked) << "the endpoint's interface is a member";
    facts.security_groups.pop_back();
    EXPECT_FALSE(find(facts, subject(), failing).blocked) << "not read";
}

TEST(Findings, WhatIsDeniedFirstOnTheWayIsNamedFirst) {
    Facts facts = with_own_group({});
    facts.security_groups.front().rules.items.clear();
    EXPECT_EQ(find(facts, subject(), failing).blocked->resource, "sg-0host");
}

TEST(Findings, FromAnotherNetworkTheAclOfThisHostsSubnetIsWhatIsKnown) {
    Facts facts = with_own_group({});
    facts.security_groups.clear();
    NetworkAcl acl;
    acl.origin.read_at = failing;
    acl.id = "acl-1";
    acl.subnets = {"subnet-a"};
    acl.entries.complete = true;
    facts.network_acls = {acl};
    facts.instances.front().interfaces.front().subnet = "subnet-a";
    EXPECT_FALSE(find(facts, subject(), failing).blocked) << "the endpoint may be in the same subnet";
    facts.endpoints.front().network = "vpc-2";
    ASSERT_TRUE(find(facts, subject(), failing).blocked);
    EXPECT_EQ(find(facts, subject(), failing).blocked->resource, "acl-1");
}

TEST(Findings, AHostOfAnotherCloudHasNoSecurityGroups) {
    Facts facts = with_own_group({});
    facts.instances.front().interfaces.front().id = "/subscriptions/s/networkInterfaces/vm";
    facts.instances.front().interfaces.front().security_groups.clear();
    for (const Ruling& ruling : find(facts, subject(), failing).rulings) {
        EXPECT_EQ(ruling.reason.find("of this host were not read"), std::string::npos);
    }
}

TEST(Findings, WhatIsDeniedToAnAddressThatMayBeTranslatedIsUnknown) {
    SecurityGroup group;
    group.origin.read_at = failing;
    group.id = "sg-0abc";
    group.rules.complete = true;
    Facts facts;
    facts.endpoints = {endpoint("vpce-1")};
    facts.endpoints.front().security_groups = {"sg-0abc"};
    facts.security_groups = {group};
    EXPECT_FALSE(find(facts, subject(), failing).blocked);
    facts.instances = {host()};
    EXPECT_TRUE(find(facts, subject(), failing).blocked);
    Subject container = subject();
    container.sources = {address("172.17.0.2")};
    EXPECT_FALSE(find(facts, container, failing).blocked);
}

TEST(Findings, TheLoadBalancersGroupsCountWhereTheyAreSwitchedOn) {
    Facts facts = provided({TargetState::healthy});
    facts.instances = {host()};
    LoadBalancer balancer;
    balancer.origin.read_at = failing;
    balancer.id = "lb-1";
    balancer.security_groups = {"sg-lb"};
    facts.balancers = {balancer};
    SecurityGroup group;
    group.origin.read_at = failing;
    group.id = "sg-lb";
    group.rules.complete = true;
    facts.security_groups = {group};
    const auto unknown = [&] {
        const Findings found = find(facts, subject(), failing);
        EXPECT_FALSE(found.blocked);
        return found.rulings.back().reason;
    };
    const std::string not_read =
        "whether the load balancer's security groups apply to endpoints was not read";
    EXPECT_EQ(unknown(), not_read);
    facts.balancers.front().groups_apply_to_endpoints = false;
    EXPECT_NE(unknown(), not_read);
    facts.balancers.front().groups_apply_to_endpoints = true;
    const Findings found = find(facts, subject(), failing);
    ASSERT_TRUE(found.blocked);
    EXPECT_EQ(found.blocked->resource, "sg-lb");
    EXPECT_EQ(
        found.blocked->fix,
        "Service side: add an inbound rule to sg-lb (security group of the load balancer): tcp/9440 from "
        "10.0.3.10.");
}

/// Without an endpoint: the load balancer is the account's own.
Facts behind_own(const std::vector<TargetState>& states) {
    Facts facts = provided(states);
    facts.endpoints.clear();
    facts.services.clear();
    facts.instances = {host()};
    LoadBalancer balancer;
    balancer.origin.read_at = failing;
    balancer.id = "lb-1";
    balancer.zones = {{"eu-west-1a", "subnet-a", {subject().addresses.front()}}};
    facts.balancers = {balancer};
    return facts;
}

TEST(Findings, ALoadBalancerOfTheAccountIsJudgedAsAServices) {
    using enum TargetState;
    Facts facts = behind_own({unhealthy});
    facts.listeners.front().idle_timeout = 350;
    facts.target_groups.front().proxy_header = true;
    const Findings found = find(facts, subject(), failing);
    EXPECT_EQ(found.has_healthy_target, false);
    EXPECT_EQ(found.unhealthy_groups.size(), 1U);
    EXPECT_EQ(found.idle_timeout, 350U);
    EXPECT_EQ(found.provider_sends_proxy_header, true);
    EXPECT_EQ(find(behind_own({healthy}), subject(), failing).has_healthy_target, true);
    facts.balancers.front().zones.front().addresses = {address("10.9.9.9")};
    EXPECT_EQ(find(facts, subject(), failing).has_healthy_target, std::nullopt);
    facts = behind_own({unhealthy});
    facts.endpoints = {endpoint("vpce-1")};
    EXPECT_EQ(find(facts, subject(), failing).has_healthy_target, std::nullopt)
        << "the endpoint has the address";
}

TEST(Findings, GroupsOfALoadBalancerOfTheAccountAlwaysCount) {
    Facts facts = behind_own({TargetState::healthy});
    SecurityGroup group;
    group.origin.read_at = failing;
    group.id = "sg-lb";
    group.rules.complete = true;
    facts.security_groups = {group};
    EXPECT_FALSE(find(facts, subject(), failing).blocked) << "it has no group";
    facts.balancers.front().security_groups = {"sg-lb"};
    const Findings found = find(facts, subject(), failing);
    ASSERT_TRUE(found.blocked);
    EXPECT_EQ(found.blocked->resource, "sg-lb");
}

TEST(Findings, TheIdleTimeoutIsTheListeners) {
    Facts facts = provided({TargetState::healthy});
    EXPECT_FALSE(find(facts, subject(), failing).idle_timeout);
    facts.listeners.front().idle_timeout = 350;
    EXPECT_EQ(find(facts, subject(), failing).idle_timeout, 350U);
}

TEST(Findings, APrincipalMayBeAnAccountOrAnybody) {
    Facts facts = provided({});
    facts.services.front().allowed = {{{"Account", "arn:aws:iam::111122223333:root"}}, true};
    EXPECT_EQ(find(facts, subject(), failing).principal_allowed, true);
    facts.services.front().allowed.items = {{"All", "*"}};
    EXPECT_EQ(find(facts, subject(), failing).principal_allowed, true);
    facts.services.front().allowed.items = {{"Account", "arn:aws:iam::402592597372:root"}};
    EXPECT_EQ(find(facts, subject(), failing).principal_allowed, false);
    // A role of the account: which one the endpoint was created by is not known.
    facts.services.front().allowed.items = {{"Role", "arn:aws:iam::111122223333:role/terraform"}};
    EXPECT_EQ(find(facts, subject(), failing).principal_allowed, std::nullopt);
    facts.services.front().allowed = {{}, false};
    EXPECT_EQ(find(facts, subject(), failing).principal_allowed, std::nullopt);
}

TEST(Findings, NameAZoneThatTheServiceDoesNotHave) {
    Facts facts = provided({});
    facts.services.front().zone_ids = {{"euw1-az2", "euw1-az3"}, true};
    EXPECT_EQ(find(facts, subject(), failing).zones_without_service, std::vector<std::string>{"euw1-az1"});
    facts.services.front().zone_ids.complete = false;
    EXPECT_TRUE(find(facts, subject(), failing).zones_without_service.empty());
}

TEST(Findings, AConnectionThatWaitsComesFirst) {
    const auto connection = [](const char* id, ConnectionState state) {
        Connection made;
        made.origin.read_at = failing;
        made.service = "vpce-svc-0a";
        made.endpoint = id;
        made.state = state;
        return made;
    };
    Subject watch;
    watch.side = Side::provider;
    watch.port = 6379;
    Facts facts;
    facts.services = {service()};
    facts.connections = {connection("vpce-1", ConnectionState::available),
                         connection("vpce-2", ConnectionState::waiting)};
    const Findings found = find(facts, watch, failing);
    ASSERT_NE(found.connection, nullptr);
    EXPECT_EQ(found.connection->endpoint, "vpce-2");
    // Of two that are accepted nothing says which is the peer's.
    facts.connections.back().state = ConnectionState::available;
    EXPECT_EQ(find(facts, watch, failing).connection, nullptr);
    watch.service = "vpce-svc-0b";
    facts.connections.back().state = ConnectionState::waiting;
    EXPECT_EQ(find(facts, watch, failing).connection, nullptr);
}

}  // namespace
}  // namespace whylink::control
