#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checks/control/rules.hpp"
#include "naive.hpp"

namespace whylink::control {
namespace {

constexpr const char* group_id = "/subscriptions/s/providers/Microsoft.Network/networkSecurityGroups/nsg-db";

Flow flow() {
    Flow made;
    made.source = *IpAddress::parse("10.0.3.10");
    made.destination = *IpAddress::parse("10.0.0.4");
    made.port = 9440;
    return made;
}

NsgRule rule(std::string name, std::uint32_t priority, bool allow, std::string source = "*") {
    NsgRule made;
    made.name = std::move(name);
    made.priority = priority;
    made.allow = allow;
    made.protocol = "Tcp";
    made.source.prefixes = {std::move(source)};
    made.destination.prefixes = {"*"};
    return made;
}

Facts with(std::vector<NsgRule> rules) {
    NetworkSecurityGroup group;
    group.id = group_id;
    group.rules = {std::move(rules), true};
    Facts facts;
    facts.network_security_groups = {group};
    return facts;
}

Subnet subnet(EndpointPolicies policies = EndpointPolicies::enabled) {
    Subnet made;
    made.endpoint_policies = policies;
    made.network_security_group = group_id;
    return made;
}

Ruling judge(const Facts& facts, const Subnet& of = subnet()) {
    return network_security_group(facts, of, flow());
}

TEST(NetworkSecurityGroups, TheLowestPriorityThatMatchesDecides) {
    const Ruling denied =
        judge(with({rule("AllowAll", 300, true), rule("DenyHosts", 200, false, "10.0.3.0/24"),
                    rule("AllowOthers", 100, true, "10.9.0.0/16")}));
    EXPECT_EQ(denied.passage, Passage::denied);
    EXPECT_EQ(denied.resource, "nsg-db/DenyHosts");
    EXPECT_EQ(denied.reason, "inbound rule (priority 200) denies tcp/9440 from 10.0.3.10");
    EXPECT_EQ(
        denied.fix,
        "Allow inbound tcp/9440 from 10.0.3.10 in nsg-db (NSG of the endpoint's subnet), with a priority "
        "below 200.");
    const Ruling allowed =
        judge(with({rule("DenyHosts", 200, false), rule("AllowHost", 100, true, "10.0.3.10")}));
    EXPECT_EQ(allowed.passage, Passage::allowed);
    EXPECT_EQ(allowed.resource, "nsg-db/AllowHost");
}

TEST(NetworkSecurityGroups, ApplyOnlyByThePoliciesOfTheSubnet) {
    const Facts facts = with({rule("DenyAll", 100, false)});
    EXPECT_EQ(judge(facts, subnet(EndpointPolicies::security_group_only)).passage, Passage::denied);
    EXPECT_EQ(judge(facts, subnet(EndpointPolicies::disabled)).passage, Passage::allowed);
    EXPECT_EQ(judge(facts, subnet(EndpointPolicies::route_table_only)).passage, Passage::allowed);
    EXPECT_EQ(judge(facts, subnet(EndpointPolicies::unknown)).passage, Passage::unknown);
    // Whether it applies or not, it lets the flow in.
    EXPECT_EQ(judge(with({rule("AllowAll", 100, true)}), subnet(EndpointPolicies::unknown)).passage,
              Passage::allowed);
    Subnet without = subnet();
    without.network_security_group.clear();
    EXPECT_EQ(judge(facts, without).passage, Passage::allowed);
}

TEST(NetworkSecurityGroups, ATagThatOnlyAzureKnowsIsUnknown) {
    EXPECT_EQ(judge(with({rule("Tag", 100, true, "Storage"), rule("DenyAll", 200, false)})).passage,
              Passage::unknown);
    // The next rule does the same.
    EXPECT_EQ(judge(with({rule("Tag", 100, false, "Storage"), rule("DenyAll", 200, false)})).passage,
              Passage::denied);
    // A rule before it decides.
    EXPECT_EQ(judge(with({rule("AllowAll", 50, true), rule("Tag", 100, false, "Storage")})).passage,
              Passage::allowed);
    EXPECT_EQ(
        judge(with({rule("Probe", 100, true, "AzureLoadBalancer"), rule("DenyAll", 200, false)})).passage,
        Passage::denied);
}

TEST(NetworkSecurityGroups, TheVirtualNetworkIsCertainForItsMembersAlone) {
    Facts facts = with({rule("AllowVnet", 100, true, "virtualnetwork"), rule("DenyAll", 200, false)});
    EXPECT_EQ(judge(facts).passage, Passage::unknown);
    Network network;
    network.networks = {*Cidr::parse("10.0.0.0/16")};
    facts.networks = {network};
    EXPECT_EQ(judge(facts).passage, Passage::allowed);
}

TEST(NetworkSecurityGroups, ApplicationGroupsCountWhereTheyAreKnown) {
    NsgRule by_group = rule("AllowApp", 100, true);
    by_group.source.prefixes.clear();
    by_group.source.application_groups = {"/subscriptions/s/asg/App"};
    const Facts facts = with({by_group, rule("DenyAll", 200, false)});
    Flow own = flow();
    EXPECT_EQ(network_security_group(facts, subnet(), own).passage, Passage::unknown);
    own.source_application_groups = {"/subscriptions/s/asg/other"};
    EXPECT_EQ(network_security_group(facts, subnet(), own).passage, Passage::denied);
    own.source_application_groups = {"/SUBSCRIPTIONS/s/asg/app"};
    EXPECT_EQ(network_security_group(facts, subnet(), own).passage, Passage::allowed);
}

TEST(NetworkSecurityGroups, AFewSourcePortsAreUnknown) {
    NsgRule by_port = rule("AllowSome", 100, true);
    by_port.source.ports = {{50000, 51000}};
    EXPECT_EQ(judge(with({by_port, rule("DenyAll", 200, false)})).passage, Passage::unknown);
    by_port.source.ports = {{80, 443}};
    EXPECT_EQ(judge(with({by_port, rule("DenyAll", 200, false)})).passage, Passage::denied);
    by_port.source.ports = {{0, 65535}};
    EXPECT_EQ(judge(with({by_port, rule("DenyAll", 200, false)})).passage, Passage::allowed);
}

TEST(NetworkSecurityGroups, WhatWasNotReadIsUnknown) {
    EXPECT_EQ(judge(Facts()).passage, Passage::unknown);
    EXPECT_EQ(judge(with({})).passage, Passage::unknown);
    Facts facts = with({rule("DenyAll", 100, false)});
    facts.network_security_groups.front().rules.complete = false;
    EXPECT_EQ(judge(facts).passage, Passage::unknown);
}

TEST(EffectiveSecurityGroups, EachHasToLetItOut) {
    NsgRule out = rule("AllowOut", 100, true);
    out.toward = Toward::outbound;
    Facts facts = with({out});
    NetworkSecurityGroup& group = facts.network_security_groups.front();
    group.effective = true;
    group.interface = "/subscriptions/s/networkInterfaces/vm";
    EXPECT_EQ(effective_security_group(facts, "/subscriptions/s/networkinterfaces/VM", flow()).passage,
              Passage::allowed);
    EXPECT_EQ(effective_security_group(facts, "/subscriptions/s/networkInterfaces/other", flow()).passage,
              Passage::unknown);
    NetworkSecurityGroup second = group;
    second.rules.items.front().allow = false;
    facts.network_security_groups.push_back(second);
    const Ruling denied = effective_security_group(facts, "/subscriptions/s/networkInterfaces/vm", flow());
    EXPECT_EQ(denied.passage, Passage::denied);
    EXPECT_EQ(denied.reason, "outbound rule (priority 100) denies tcp/9440 to 10.0.0.4");
    EXPECT_THAT(denied.fix,
                testing::EndsWith(": allow outbound tcp/9440 to 10.0.0.4 in nsg-db (NSG of this host)."))
        << "nothing comes before the first priority";
}

TEST(EffectiveRoutes, TheLongestPrefixDecides) {
    RouteTable table;
    table.interface = "/subscriptions/s/networkInterfaces/vm";
    table.routes = {
        {{*Cidr::parse("0.0.0.0/0"), "None", {}}, {*Cidr::parse("10.0.0.4/32"), "InterfaceEndpoint", {}}},
        true};
    Facts facts;
    facts.route_tables = {table};
    EXPECT_EQ(effective_route(facts, table.interface, flow()).passage, Passage::allowed);
    facts.route_tables.front().routes.items.back().next_hop = "VirtualAppliance";
    EXPECT_EQ(effective_route(facts, table.interface, flow()).passage, Passage::unknown);
    facts.route_tables.front().routes.items.pop_back();
    const Ruling denied = effective_route(facts, table.interface, flow());
    EXPECT_EQ(denied.passage, Passage::denied);
    EXPECT_EQ(denied.reason, "the effective route to 0.0.0.0/0 has next hop None");
    EXPECT_EQ(
        denied.fix,
        "Give the subnet of this host a route to 10.0.0.4, or remove the one to 0.0.0.0/0 with next hop None.");
    facts.route_tables.front().routes.complete = false;
    EXPECT_EQ(effective_route(facts, table.interface, flow()).passage, Passage::unknown);
}

// ---- against a second implementation ----

/// Prefixes by what they say of the source: 1 it is, 0 it is not, -1 not known.
struct NaivePrefix {
    std::string text;
    std::optional<naive::Range> range;
    int tag = 0;
};

struct NaiveRule {
    std::uint32_t priority = 0;
    bool allow = false;
    bool inbound = true;
    bool tcp = true;
    std::vector<NaivePrefix> source;
    std::optional<PortRange> source_ports;
    std::optional<PortRange> ports;
    naive::Range destination;
};

NaivePrefix prefix(naive::Random& random) {
    switch (random.below(8)) {
        case 0:
            return {"*", {}, 1};
        case 1:
            return {"Storage", {}, -1};
        case 2:
            return {"AzureLoadBalancer", {}, 0};
        default: {
            const naive::Network network = naive::network(random);
            return {network.cidr.to_string(), network.range, 0};
        }
    }
}

struct World {
    Facts facts;
    Flow flow;
    std::uint32_t source = 0;
    std::uint32_t destination = 0;
    std::vector<NaiveRule> rules;
};

void add_rule(naive::Random& random, std::uint32_t priority, World& world) {
    NaiveRule same;
    same.priority = priority;
    same.allow = random.one_in(2);
    same.inbound = !random.one_in(5);
    same.tcp = !random.one_in(6);
    NsgRule real;
    real.name = "rule" + std::to_string(priority);
    real.priority = priority;
    real.allow = same.allow;
    real.toward = same.inbound ? Toward::inbound : Toward::outbound;
    real.protocol = same.tcp ? random.of(std::vector<std::string>{"Tcp", "TCP", "*", "All", "6"}) : "Udp";
    for (std::uint32_t i = 1 + random.below(2); i > 0; --i) {
        same.source.push_back(prefix(random));
        real.source.prefixes.push_back(same.source.back().text);
    }
    same.source_ports = random.one_in(3) ? naive::ports(random) : std::nullopt;
    if (same.source_ports) {
        real.source.ports = {*same.source_ports};
    }
    same.ports = naive::ports(random);
    if (same.ports) {
        real.destination.ports = {*same.ports};
    }
    const naive::Network destination = naive::network(random);
    same.destination = random.one_in(2) ? naive::Range{0, 0xffffffff} : destination.range;
    real.destination.prefixes = {same.destination.last == 0xffffffff && same.destination.first == 0
                                     ? std::string("*")
                                     : destination.cidr.to_string()};
    world.rules.push_back(same);
    world.facts.network_security_groups.front().rules.items.push_back(real);
}

/// 1: the rule is about the flow, 0: it is not, -1: nobody can say.
int naive_match(const NaiveRule& rule, const World& world) {
    int source = 0;
    for (const NaivePrefix& each : rule.source) {
        const int one = each.range ? (each.range->has(world.source) ? 1 : 0) : each.tag;
        source = source == 1 || one == 1 ? 1 : source == -1 || one == -1 ? -1 : 0;
    }
    std::size_t from = 0;
    for (const unsigned port : naive::ephemeral()) {
        from += naive::has(rule.source_ports, port) ? 1U : 0U;
    }
    const int source_port = from == naive::ephemeral().size() ? 1 : from == 0 ? 0 : -1;
    const bool sure =
        rule.inbound && rule.tcp && naive::has(rule.ports, 9440) && rule.destination.has(world.destination);
    if (!sure || source == 0 || source_port == 0) {
        return 0;
    }
    return source == 1 && source_port == 1 ? 1 : -1;
}

/// Every way in which what is not known may turn out, by trying both: the verdict stands where all agree.
Passage naive_passage(const World& world) {
    std::vector<const NaiveRule*> in_order;
    for (const NaiveRule& rule : world.rules) {
        in_order.push_back(&rule);
    }
    std::sort(in_order.begin(), in_order.end(),
              [](const NaiveRule* a, const NaiveRule* b) { return a->priority < b->priority; });
    std::vector<Passage> ends;
    // Taking the first k of the unknown rules for no and the next for yes reaches each end that there is.
    for (std::size_t no = 0; no <= in_order.size(); ++no) {
        std::size_t unknown = 0;
        Passage end = Passage::unknown;
        for (const NaiveRule* rule : in_order) {
            int matched = naive_match(*rule, world);
            if (matched == -1) {
                matched = unknown++ < no ? 0 : 1;
            }
            if (matched == 1) {
                end = rule->allow ? Passage::allowed : Passage::denied;
                break;
            }
        }
        ends.push_back(end);
    }
    const bool agree =
        std::all_of(ends.begin(), ends.end(), [&](Passage end) { return end == ends.front(); });
    return agree ? ends.front() : Passage::unknown;
}

World world_of(naive::Random& random) {
    World world;
    naive::draw_flow(random, world);
    world.facts = with({});
    std::vector<std::uint32_t> priorities{100, 200, 300, 400, 500};
    for (std::uint32_t left = 5; left > 0; --left) {
        const std::uint32_t at = random.below(left);
        add_rule(random, priorities[at], world);
        priorities.erase(priorities.begin() + at);
    }
    return world;
}

TEST(NetworkSecurityGroups, AgreeWithASecondImplementation) {
    const auto judged = [](const World& world) {
        return network_security_group(world.facts, subnet(), world.flow);
    };
    naive::expect_agreement(18, 50, world_of, judged, naive_passage);
}

}  // namespace
}  // namespace whylink::control
