#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "checks/control/rules.hpp"
#include "naive.hpp"

namespace whylink::control {
namespace {

Flow flow_from(const char* source) {
    Flow flow;
    flow.source = *IpAddress::parse(source);
    flow.destination = *IpAddress::parse("10.0.0.4");
    flow.port = 9440;
    return flow;
}

SecurityGroupRule rule_for(const char* network, std::optional<PortRange> ports = PortRange{9440, 9440}) {
    SecurityGroupRule rule;
    rule.protocol = "tcp";
    rule.ports = ports;
    rule.networks = {*Cidr::parse(network)};
    return rule;
}

SecurityGroup group(std::string id, std::vector<SecurityGroupRule> rules) {
    SecurityGroup made;
    made.id = std::move(id);
    made.rules = {std::move(rules), true};
    return made;
}

Ruling judge(const Facts& facts, const Flow& flow, std::vector<std::string> ids = {"sg-0abc"}) {
    return security_groups(facts, ids, flow);
}

TEST(SecurityGroups, NamesTheGroupAndTheMissingRule) {
    Facts facts;
    facts.security_groups = {group("sg-0abc", {rule_for("10.0.0.0/16", PortRange{443, 443})})};
    const Ruling ruling = judge(facts, flow_from("10.0.3.10"));
    EXPECT_EQ(ruling.passage, Passage::denied);
    EXPECT_EQ(ruling.resource, "sg-0abc");
    EXPECT_EQ(ruling.reason, "no inbound rule for tcp/9440 from 10.0.3.10");
}

TEST(SecurityGroups, OneRuleOfOneGroupIsEnough) {
    Facts facts;
    facts.security_groups = {group("sg-0abc", {}), group("sg-0def", {rule_for("10.0.3.0/24")})};
    const Ruling ruling = judge(facts, flow_from("10.0.3.10"), {"sg-0abc", "sg-0def"});
    EXPECT_EQ(ruling.passage, Passage::allowed);
    EXPECT_EQ(ruling.resource, "sg-0def");
}

TEST(SecurityGroups, AllProtocolsHaveNoPorts) {
    Facts facts;
    SecurityGroupRule rule = rule_for("0.0.0.0/0", std::nullopt);
    rule.protocol = "-1";
    facts.security_groups = {group("sg-0abc", {rule})};
    EXPECT_EQ(judge(facts, flow_from("10.0.3.10")).passage, Passage::allowed);
    facts.security_groups.front().rules.items.front().protocol = "udp";
    EXPECT_EQ(judge(facts, flow_from("10.0.3.10")).passage, Passage::denied);
}

TEST(SecurityGroups, OutboundRulesLetNothingIn) {
    Facts facts;
    SecurityGroupRule rule = rule_for("0.0.0.0/0");
    rule.toward = Toward::outbound;
    facts.security_groups = {group("sg-0abc", {rule})};
    EXPECT_EQ(judge(facts, flow_from("10.0.3.10")).passage, Passage::denied);
}

TEST(SecurityGroups, IPv4RulesSayNothingOfIPv6) {
    Facts facts;
    facts.security_groups = {group("sg-0abc", {rule_for("0.0.0.0/0")})};
    EXPECT_EQ(judge(facts, flow_from("fd00::10")).passage, Passage::denied);
    facts.security_groups = {group("sg-0abc", {rule_for("::/0")})};
    EXPECT_EQ(judge(facts, flow_from("fd00::10")).passage, Passage::allowed);
}

TEST(SecurityGroups, AReferencedGroupCountsWhereThisHostsGroupsAreKnown) {
    Facts facts;
    SecurityGroupRule rule = rule_for("192.0.2.0/24");
    rule.groups = {"sg-0host"};
    facts.security_groups = {group("sg-0abc", {rule})};
    Flow flow = flow_from("10.0.3.10");
    EXPECT_EQ(judge(facts, flow).passage, Passage::unknown);
    flow.source_groups_known = true;
    EXPECT_EQ(judge(facts, flow).passage, Passage::denied);
    flow.source_groups = {"sg-0other", "sg-0host"};
    EXPECT_EQ(judge(facts, flow).passage, Passage::allowed);
}

TEST(SecurityGroups, APrefixListThatWasNotReadLeavesItOpen) {
    Facts facts;
    SecurityGroupRule rule = rule_for("192.0.2.0/24");
    rule.prefix_lists = {"pl-1"};
    facts.security_groups = {group("sg-0abc", {rule})};
    const Flow flow = flow_from("10.0.3.10");
    EXPECT_EQ(judge(facts, flow).passage, Passage::unknown);
    EXPECT_EQ(judge(facts, flow).reason, "prefix list pl-1 was not read");
    PrefixList list;
    list.id = "pl-1";
    list.networks = {{*Cidr::parse("10.9.0.0/16")}, false};
    facts.prefix_lists = {list};
    EXPECT_EQ(judge(facts, flow).passage, Passage::unknown);
    facts.prefix_lists.front().networks.complete = true;
    EXPECT_EQ(judge(facts, flow).passage, Passage::denied);
    facts.prefix_lists.front().networks.items.push_back(*Cidr::parse("10.0.3.0/24"));
    EXPECT_EQ(judge(facts, flow).passage, Passage::allowed);
}

TEST(SecurityGroups, WhatWasNotReadInFullIsUnknown) {
    Facts facts;
    const Flow flow = flow_from("10.0.3.10");
    EXPECT_EQ(judge(facts, flow, {}).passage, Passage::unknown);
    EXPECT_EQ(judge(facts, flow).passage, Passage::unknown);
    facts.security_groups = {group("sg-0abc", {rule_for("192.0.2.0/24")})};
    facts.security_groups.front().rules.complete = false;
    EXPECT_EQ(judge(facts, flow).passage, Passage::unknown);
    // One rule that lets it in is enough, whatever else there is.
    facts.security_groups.front().rules.items.push_back(rule_for("10.0.3.10/32"));
    EXPECT_EQ(judge(facts, flow).passage, Passage::allowed);
}

// ---- against a second implementation ----

/// A source of a rule, as numbers or by name.
struct NaiveSource {
    std::optional<naive::Range> range;
    std::string prefix_list;
    std::string group;
};

struct NaiveRule {
    bool inbound = true;
    std::string protocol;
    std::optional<PortRange> ports;
    std::vector<NaiveSource> sources;
};

struct World {
    Facts facts;
    Flow flow;
    std::uint32_t source = 0;
    std::vector<std::string> ids;
    std::map<std::string, std::vector<NaiveRule>> groups;
    std::map<std::string, std::vector<naive::Range>> lists;
    std::vector<std::string> not_in_full;  ///< groups and lists
};

void add_list(naive::Random& random, const std::string& id, World& world) {
    if (random.one_in(4)) {
        return;
    }
    PrefixList list;
    list.id = id;
    list.networks.complete = !random.one_in(5);
    for (std::uint32_t i = random.below(3); i > 0; --i) {
        const naive::Network network = naive::network(random);
        list.networks.items.push_back(network.cidr);
        world.lists[id].push_back(network.range);
    }
    world.lists.try_emplace(id);
    if (!list.networks.complete) {
        world.not_in_full.push_back(id);
    }
    world.facts.prefix_lists.push_back(std::move(list));
}

void add_rule(naive::Random& random, SecurityGroup& group, World& world) {
    SecurityGroupRule rule;
    NaiveRule same;
    same.inbound = !random.one_in(5);
    rule.toward = same.inbound ? Toward::inbound : Toward::outbound;
    same.protocol = random.of(std::vector<std::string>{"tcp", "tcp", "6", "-1", "udp", "icmp"});
    rule.protocol = same.protocol;
    same.ports = same.protocol == "-1" ? std::nullopt : naive::ports(random);
    rule.ports = same.ports;
    for (std::uint32_t i = random.below(3); i > 0; --i) {
        const naive::Network network = naive::network(random);
        rule.networks.push_back(network.cidr);
        same.sources.push_back({network.range, {}, {}});
    }
    if (random.one_in(4)) {
        rule.prefix_lists.push_back(random.of(std::vector<std::string>{"pl-1", "pl-2"}));
        same.sources.push_back({{}, rule.prefix_lists.back(), {}});
    }
    if (random.one_in(4)) {
        rule.groups.push_back(random.of(std::vector<std::string>{"sg-x", "sg-y", "sg-z"}));
        same.sources.push_back({{}, {}, rule.groups.back()});
    }
    group.rules.items.push_back(std::move(rule));
    world.groups[group.id].push_back(std::move(same));
}

World world_of(naive::Random& random) {
    World world;
    world.source = naive::base + random.below(64);
    world.flow.source = naive::address(world.source);
    world.flow.port = 9440;
    world.flow.source_groups_known = !random.one_in(3);
    if (world.flow.source_groups_known && random.one_in(2)) {
        world.flow.source_groups = {random.of(std::vector<std::string>{"sg-x", "sg-y"})};
    }
    add_list(random, "pl-1", world);
    add_list(random, "pl-2", world);
    for (const char* id : {"sg-1", "sg-2"}) {
        if (world.ids.empty() || random.one_in(2)) {
            world.ids.emplace_back(id);
        }
        if (random.one_in(10)) {
            continue;
        }
        SecurityGroup group;
        group.id = id;
        group.rules.complete = !random.one_in(10);
        if (!group.rules.complete) {
            world.not_in_full.emplace_back(id);
        }
        world.groups.try_emplace(id);
        for (std::uint32_t i = random.below(4); i > 0; --i) {
            add_rule(random, group, world);
        }
        world.facts.security_groups.push_back(std::move(group));
    }
    return world;
}

bool is_in(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

/// What each source says, and the best of all that is said.
Passage source_says(const World& world, const NaiveSource& source) {
    if (source.range) {
        return source.range->has(world.source) ? Passage::allowed : Passage::denied;
    }
    if (!source.group.empty()) {
        if (!world.flow.source_groups_known) {
            return Passage::unknown;
        }
        return is_in(world.flow.source_groups, source.group) ? Passage::allowed : Passage::denied;
    }
    const auto list = world.lists.find(source.prefix_list);
    if (list == world.lists.end()) {
        return Passage::unknown;
    }
    for (const naive::Range& range : list->second) {
        if (range.has(world.source)) {
            return Passage::allowed;
        }
    }
    return is_in(world.not_in_full, source.prefix_list) ? Passage::unknown : Passage::denied;
}

Passage naive_passage(const World& world) {
    std::vector<Passage> said;
    for (const std::string& id : world.ids) {
        const auto group = world.groups.find(id);
        if (group == world.groups.end() || is_in(world.not_in_full, id)) {
            said.push_back(Passage::unknown);
        }
        if (group == world.groups.end()) {
            continue;
        }
        for (const NaiveRule& rule : group->second) {
            const bool tcp = rule.protocol == "tcp" || rule.protocol == "6" || rule.protocol == "-1";
            if (!rule.inbound || !tcp || !naive::has(rule.ports, world.flow.port)) {
                continue;
            }
            for (const NaiveSource& source : rule.sources) {
                said.push_back(source_says(world, source));
            }
        }
    }
    const auto said_so = [&](Passage passage) {
        return std::find(said.begin(), said.end(), passage) != said.end();
    };
    return said_so(Passage::allowed)   ? Passage::allowed
           : said_so(Passage::unknown) ? Passage::unknown
                                       : Passage::denied;
}

TEST(SecurityGroups, AgreeWithASecondImplementation) {
    const auto judged = [](const World& world) {
        return security_groups(world.facts, world.ids, world.flow);
    };
    naive::expect_agreement(16, 200, world_of, judged, naive_passage);
}

}  // namespace
}  // namespace whylink::control
