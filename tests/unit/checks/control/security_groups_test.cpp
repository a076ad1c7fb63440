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

Ruling judge(const Facts& facts, const Flow& flow, const std::vector<std::string>& ids = {"sg-0abc"}) {
    return security_groups(facts, {ids, Toward::inbound, "the endpoint"}, flow);
}

Ruling judge_out(const Facts& facts, const Flow& flow, const std::vector<std::string>& ids = {"sg-0host"}) {
    return security_groups(facts, {ids, Toward::outbound, "this host"}, flow);
}

SecurityGroupRule rule_out(const char* network, std::optional<PortRange> ports = PortRange{9440, 9440}) {
    SecurityGroupRule rule = rule_for(network, ports);
    rule.toward = Toward::outbound;
    return rule;
}

TEST(SecurityGroups, NamesTheGroupAndTheMissingRule) {
    Facts facts;
    facts.security_groups = {group("sg-0abc", {rule_for("10.0.0.0/16", PortRange{443, 443})})};
    const Ruling ruling = judge(facts, flow_from("10.0.3.10"));
    EXPECT_EQ(ruling.passage, Passage::denied);
    EXPECT_EQ(ruling.resource, "sg-0abc");
    EXPECT_EQ(ruling.reason, "no inbound rule for tcp/9440 from 10.0.3.10");
    EXPECT_EQ(ruling.fix,
              "Add an inbound rule to sg-0abc (security group of the endpoint): tcp/9440 from 10.0.3.10.");
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
    facts.security_groups = {group("sg-0abc", {rule_out("0.0.0.0/0")})};
    EXPECT_EQ(judge(facts, flow_from("10.0.3.10")).passage, Passage::denied);
}

TEST(SecurityGroups, InboundRulesLetNothingOut) {
    Facts facts;
    facts.security_groups = {group("sg-0host", {rule_for("0.0.0.0/0")})};
    const Ruling ruling = judge_out(facts, flow_from("10.0.3.10"));
    EXPECT_EQ(ruling.passage, Passage::denied);
    EXPECT_EQ(ruling.resource, "sg-0host");
    EXPECT_EQ(ruling.reason, "no outbound rule for tcp/9440 to 10.0.0.4");
    EXPECT_EQ(ruling.fix,
              "Add an outbound rule to sg-0host (security group of this host): tcp/9440 to 10.0.0.4.");
}

TEST(SecurityGroups, AnOutboundRuleNamesTheDestination) {
    Facts facts;
    const Flow flow = flow_from("10.0.3.10");
    facts.security_groups = {group("sg-0host", {rule_out("10.0.3.10/32")})};
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::denied);
    facts.security_groups = {group("sg-0host", {rule_out("10.0.0.4/32")})};
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::allowed);
    facts.security_groups = {group("sg-0host", {rule_out("10.0.0.4/32", PortRange{443, 443})})};
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::denied);
}

TEST(SecurityGroups, SeveralThatLetNothingOutAreNamedTogether) {
    Facts facts;
    facts.security_groups = {group("sg-0a", {}), group("sg-0b", {})};
    const Ruling ruling = judge_out(facts, flow_from("10.0.3.10"), {"sg-0a", "sg-0b"});
    EXPECT_EQ(ruling.resource, "sg-0a, sg-0b");
    EXPECT_EQ(
        ruling.fix,
        "Add an outbound rule to one of sg-0a, sg-0b (security groups of this host): tcp/9440 to 10.0.0.4.");
}

TEST(SecurityGroups, AnOutboundRuleMayNameTheEndpointsGroup) {
    Facts facts;
    SecurityGroupRule rule = rule_out("192.0.2.0/24");
    rule.groups = {"sg-0abc"};
    facts.security_groups = {group("sg-0host", {rule})};
    Flow flow = flow_from("10.0.3.10");
    flow.source_groups_known = true;
    flow.source_groups = {"sg-0abc"};
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::unknown);
    EXPECT_EQ(judge_out(facts, flow).reason,
              "a rule lets out to members of sg-0abc; the groups of the endpoint are not known");
    flow.destination_groups_known = true;
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::denied) << "it is this host that is a member";
    flow.destination_groups = {"sg-0abc"};
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::allowed);
    flow.from_other_network = true;
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::unknown);
    EXPECT_EQ(judge_out(facts, flow).reason,
              "a rule lets out to members of sg-0abc; between two VPCs they count over peering alone");
}

TEST(SecurityGroups, AnOutboundPrefixListThatWasNotReadLeavesItOpen) {
    Facts facts;
    SecurityGroupRule rule = rule_out("192.0.2.0/24");
    rule.prefix_lists = {"pl-1"};
    facts.security_groups = {group("sg-0host", {rule})};
    const Flow flow = flow_from("10.0.3.10");
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::unknown);
    PrefixList list;
    list.id = "pl-1";
    list.networks = {{*Cidr::parse("10.0.3.0/24")}, true};
    facts.prefix_lists = {list};
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::denied) << "it has this host alone";
    facts.prefix_lists.front().networks.items = {*Cidr::parse("10.0.0.0/24")};
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::allowed);
}

TEST(SecurityGroups, AnIPv6DestinationNeedsARuleOfItsOwn) {
    Facts facts;
    facts.security_groups = {group("sg-0host", {rule_out("0.0.0.0/0")})};
    Flow flow = flow_from("fd00::10");
    flow.destination = *IpAddress::parse("fd00::4");
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::denied);
    facts.security_groups = {group("sg-0host", {rule_out("::/0")})};
    EXPECT_EQ(judge_out(facts, flow).passage, Passage::allowed);
}

TEST(SecurityGroups, OfAnOwnerWhoseGroupsWereNotReadNothingIsKnown) {
    const Ruling ruling = judge_out({}, flow_from("10.0.3.10"), {});
    EXPECT_EQ(ruling.passage, Passage::unknown);
    EXPECT_EQ(ruling.reason, "the security groups of this host were not read");
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

/// The far end of a rule, as numbers or by name.
struct NaiveEnd {
    std::optional<naive::Range> range;
    std::string prefix_list;
    std::string group;
};

struct NaiveRule {
    bool inbound = true;
    std::string protocol;
    std::optional<PortRange> ports;
    std::vector<NaiveEnd> ends;
};

struct World {
    Facts facts;
    Flow flow;
    bool inbound = true;        ///< what is judged
    std::uint32_t far = 0;      ///< address of the far end
    bool groups_known = false;  ///< of the far end
    std::vector<std::string> far_groups;
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
    same.inbound = random.one_in(5) != world.inbound;
    rule.toward = same.inbound ? Toward::inbound : Toward::outbound;
    same.protocol = random.of(std::vector<std::string>{"tcp", "tcp", "6", "-1", "udp", "icmp"});
    rule.protocol = same.protocol;
    same.ports = same.protocol == "-1" ? std::nullopt : naive::ports(random);
    rule.ports = same.ports;
    for (std::uint32_t i = random.below(3); i > 0; --i) {
        const naive::Network network = naive::network(random);
        rule.networks.push_back(network.cidr);
        same.ends.push_back({network.range, {}, {}});
    }
    if (random.one_in(4)) {
        rule.prefix_lists.push_back(random.of(std::vector<std::string>{"pl-1", "pl-2"}));
        same.ends.push_back({{}, rule.prefix_lists.back(), {}});
    }
    if (random.one_in(4)) {
        rule.groups.push_back(random.of(std::vector<std::string>{"sg-x", "sg-y", "sg-z"}));
        same.ends.push_back({{}, {}, rule.groups.back()});
    }
    group.rules.items.push_back(std::move(rule));
    world.groups[group.id].push_back(std::move(same));
}

/// An end of the flow: its address, and its groups where these are known.
void draw_end(naive::Random& random, IpAddress& address, std::vector<std::string>& groups, bool& known,
              bool is_far, World& world) {
    const std::uint32_t value = naive::base + random.below(64);
    address = naive::address(value);
    known = !random.one_in(3);
    if (known && random.one_in(2)) {
        groups = {random.of(std::vector<std::string>{"sg-x", "sg-y"})};
    }
    if (is_far) {
        world.far = value;
        world.groups_known = known;
        world.far_groups = groups;
    }
}

World world_of(naive::Random& random) {
    World world;
    world.inbound = random.one_in(2);
    world.flow.port = 9440;
    world.flow.from_other_network = random.one_in(4);
    draw_end(random, world.flow.source, world.flow.source_groups, world.flow.source_groups_known,
             world.inbound, world);
    draw_end(random, world.flow.destination, world.flow.destination_groups,
             world.flow.destination_groups_known, !world.inbound, world);
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

/// What each end of a rule says, and the best of all that is said.
Passage end_says(const World& world, const NaiveEnd& end) {
    if (end.range) {
        return end.range->has(world.far) ? Passage::allowed : Passage::denied;
    }
    if (!end.group.empty()) {
        if (!world.groups_known) {
            return Passage::unknown;
        }
        if (!is_in(world.far_groups, end.group)) {
            return Passage::denied;
        }
        return world.flow.from_other_network ? Passage::unknown : Passage::allowed;
    }
    const auto list = world.lists.find(end.prefix_list);
    if (list == world.lists.end()) {
        return Passage::unknown;
    }
    for (const naive::Range& range : list->second) {
        if (range.has(world.far)) {
            return Passage::allowed;
        }
    }
    return is_in(world.not_in_full, end.prefix_list) ? Passage::unknown : Passage::denied;
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
            if (rule.inbound != world.inbound || !tcp || !naive::has(rule.ports, world.flow.port)) {
                continue;
            }
            for (const NaiveEnd& end : rule.ends) {
                said.push_back(end_says(world, end));
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
        const Toward toward = world.inbound ? Toward::inbound : Toward::outbound;
        return security_groups(world.facts, {world.ids, toward, "the owner"}, world.flow);
    };
    naive::expect_agreement(16, 200, world_of, judged, naive_passage);
}

}  // namespace
}  // namespace whylink::control
