#include <gtest/gtest.h>

#include <algorithm>

#include "checks/control/rules.hpp"
#include "naive.hpp"

namespace whylink::control {
namespace {

Flow flow() {
    Flow made;
    made.source = *IpAddress::parse("10.0.3.10");
    made.destination = *IpAddress::parse("10.0.0.4");
    made.port = 9440;
    return made;
}

NetworkAclEntry entry(std::uint32_t number, Toward toward, bool allow, const char* network = "0.0.0.0/0",
                      std::optional<PortRange> ports = std::nullopt) {
    NetworkAclEntry made;
    made.number = number;
    made.toward = toward;
    made.allow = allow;
    made.protocol = ports ? "6" : "-1";
    made.ports = ports;
    made.network = *Cidr::parse(network);
    return made;
}

NetworkAcl acl(std::string id, std::vector<std::string> subnets, std::vector<NetworkAclEntry> entries) {
    NetworkAcl made;
    made.id = std::move(id);
    made.subnets = std::move(subnets);
    made.entries = {std::move(entries), true};
    return made;
}

const std::vector<NetworkAclEntry>& open() {
    static const std::vector<NetworkAclEntry> entries{entry(100, Toward::inbound, true),
                                                      entry(100, Toward::outbound, true)};
    return entries;
}

Facts with(std::vector<NetworkAclEntry> of_endpoint) {
    Facts facts;
    facts.network_acls = {acl("acl-host", {"subnet-a"}, open()),
                          acl("acl-endpoint", {"subnet-b"}, std::move(of_endpoint))};
    return facts;
}

Ruling judge(const Facts& facts) {
    return network_acls(facts, "subnet-a", "subnet-b", flow());
}

TEST(NetworkAcls, TheLowestNumberThatMatchesDecides) {
    std::vector<NetworkAclEntry> entries = open();
    entries.push_back(entry(90, Toward::inbound, false, "10.0.3.0/24", PortRange{9440, 9440}));
    const Ruling ruling = judge(with(entries));
    EXPECT_EQ(ruling.passage, Passage::denied);
    EXPECT_EQ(ruling.resource, "acl-endpoint");
    EXPECT_EQ(ruling.reason, "inbound entry 90 denies tcp/9440 from 10.0.3.10");
    EXPECT_EQ(
        ruling.fix,
        "Allow inbound tcp/9440 from 10.0.3.10 in acl-endpoint (network ACL of subnet-b), with a number "
        "below 90.");
    entries.back().number = 110;
    EXPECT_EQ(judge(with(entries)).passage, Passage::allowed);
}

TEST(NetworkAcls, WhatNoEntryAllowsIsDenied) {
    const Ruling ruling = judge(with({entry(100, Toward::outbound, true)}));
    EXPECT_EQ(ruling.passage, Passage::denied);
    EXPECT_EQ(ruling.reason, "no inbound entry allows tcp/9440 from 10.0.3.10");
    std::vector<NetworkAclEntry> closing{entry(100, Toward::outbound, true),
                                         entry(32767, Toward::inbound, false)};
    EXPECT_EQ(judge(with(closing)).reason, ruling.reason);
    EXPECT_EQ(judge(with(closing)).fix,
              "Allow inbound tcp/9440 from 10.0.3.10 in acl-endpoint (network ACL of subnet-b).");
}

TEST(NetworkAcls, TheWayBackCountsToo) {
    const auto answers = [](PortRange ports) {
        return with(
            {entry(100, Toward::inbound, true), entry(100, Toward::outbound, true, "0.0.0.0/0", ports)});
    };
    EXPECT_EQ(judge(answers({1024, 65535})).passage, Passage::allowed);
    EXPECT_EQ(judge(answers({443, 443})).passage, Passage::denied);
    EXPECT_EQ(judge(answers({443, 443})).reason, "no outbound entry allows tcp/1024-65535 to 10.0.3.10");
    // By which port this host sends is not known.
    EXPECT_EQ(judge(answers({32768, 65535})).passage, Passage::unknown);
}

TEST(NetworkAcls, DoNotApplyWithinASubnet) {
    EXPECT_EQ(network_acls(with({}), "subnet-b", "subnet-b", flow()).passage, Passage::allowed);
}

TEST(NetworkAcls, OfThisHostAloneOnlyADenialIsKnown) {
    EXPECT_EQ(network_acls(with(open()), "subnet-a", "", flow()).passage, Passage::unknown);
    Facts facts = with({});
    EXPECT_EQ(network_acls(facts, "subnet-a", "", flow()).passage, Passage::unknown);
    facts.network_acls.front().entries.items = {entry(100, Toward::outbound, true)};
    const Ruling denied = network_acls(facts, "subnet-a", "", flow());
    EXPECT_EQ(denied.passage, Passage::denied);
    EXPECT_EQ(denied.resource, "acl-host");
    EXPECT_EQ(denied.reason, "no inbound entry allows tcp/1024-65535 from 10.0.0.4");
}

TEST(NetworkAcls, WhatWasNotReadIsUnknown) {
    EXPECT_EQ(network_acls(with(open()), "", "subnet-b", flow()).passage, Passage::unknown);
    EXPECT_EQ(network_acls(with(open()), "subnet-c", "subnet-b", flow()).passage, Passage::unknown);
    Facts facts = with(open());
    facts.network_acls.front().entries.complete = false;
    EXPECT_EQ(judge(facts).passage, Passage::unknown);
    // The other one denies whatever this one says.
    facts.network_acls.back().entries.items.clear();
    EXPECT_EQ(judge(facts).passage, Passage::denied);
}

// ---- against a second implementation ----

struct NaiveEntry {
    std::uint32_t number = 0;
    bool inbound = true;
    bool allow = false;
    std::string protocol;
    std::optional<PortRange> ports;
    naive::Range network;
};

struct NaiveAcl {
    bool there = true;
    bool complete = true;
    std::vector<NaiveEntry> entries;
};

struct World {
    Facts facts;
    Flow flow;
    std::uint32_t source = 0;
    std::uint32_t destination = 0;
    NaiveAcl of_source;
    NaiveAcl of_destination;
};

NaiveAcl add_acl(naive::Random& random, const char* subnet, Facts& facts) {
    NaiveAcl same;
    same.there = !random.one_in(20);
    same.complete = !random.one_in(20);
    NetworkAcl made;
    made.id = subnet;
    made.subnets = {"another", subnet};
    made.entries.complete = same.complete;
    std::vector<std::uint32_t> numbers{100, 200, 300, 400, 500, 600};
    for (const bool inbound : {true, false}) {
        for (const std::uint32_t number : numbers) {
            if (random.one_in(2)) {
                continue;
            }
            const naive::Network network = naive::network(random);
            NaiveEntry each{number,
                            inbound,
                            !random.one_in(3),
                            random.of(std::vector<std::string>{"6", "6", "-1", "17"}),
                            {},
                            network.range};
            each.ports = each.protocol == "-1" ? std::nullopt : naive::ports(random);
            same.entries.push_back(each);
            NetworkAclEntry real;
            real.number = number;
            real.toward = inbound ? Toward::inbound : Toward::outbound;
            real.allow = each.allow;
            real.protocol = each.protocol;
            real.ports = each.ports;
            real.network = network.cidr;
            // In no order.
            made.entries.items.insert(
                made.entries.items.begin() + static_cast<std::ptrdiff_t>(random.below(
                                                 static_cast<std::uint32_t>(made.entries.items.size()) + 1)),
                real);
        }
        // Most networks let everything else through.
        if (!random.one_in(4)) {
            same.entries.push_back({1000, inbound, true, "-1", {}, {0, 0xffffffff}});
            made.entries.items.push_back(entry(1000, inbound ? Toward::inbound : Toward::outbound, true));
        }
    }
    if (same.there) {
        facts.network_acls.push_back(std::move(made));
    }
    return same;
}

bool lets_through(const NaiveAcl& acl, bool inbound, std::uint32_t peer, unsigned port) {
    const NaiveEntry* first = nullptr;
    for (const NaiveEntry& each : acl.entries) {
        const bool tcp = each.protocol == "6" || each.protocol == "-1";
        if (each.inbound == inbound && tcp && each.network.has(peer) && naive::has(each.ports, port) &&
            (first == nullptr || each.number < first->number)) {
            first = &each;
        }
    }
    return first != nullptr && first->allow;
}

Passage way(const NaiveAcl& acl, bool inbound, std::uint32_t peer, const std::vector<unsigned>& ports) {
    if (!acl.there || !acl.complete) {
        return Passage::unknown;
    }
    std::size_t through = 0;
    for (const unsigned port : ports) {
        through += lets_through(acl, inbound, peer, port) ? 1U : 0U;
    }
    return through == ports.size() ? Passage::allowed : through == 0 ? Passage::denied : Passage::unknown;
}

Passage naive_passage(const World& world) {
    const Passage ways[]{way(world.of_source, false, world.destination, {9440}),
                         way(world.of_destination, true, world.source, {9440}),
                         way(world.of_destination, false, world.source, naive::ephemeral()),
                         way(world.of_source, true, world.destination, naive::ephemeral())};
    const auto any = [&](Passage passage) {
        return std::find(std::begin(ways), std::end(ways), passage) != std::end(ways);
    };
    return any(Passage::denied)    ? Passage::denied
           : any(Passage::unknown) ? Passage::unknown
                                   : Passage::allowed;
}

World world_of(naive::Random& random) {
    World world;
    naive::draw_flow(random, world);
    world.of_source = add_acl(random, "subnet-a", world.facts);
    world.of_destination = add_acl(random, "subnet-b", world.facts);
    return world;
}

TEST(NetworkAcls, AgreeWithASecondImplementation) {
    const auto judged = [](const World& world) {
        return network_acls(world.facts, "subnet-a", "subnet-b", world.flow);
    };
    naive::expect_agreement(17, 100, world_of, judged, naive_passage);
}

}  // namespace
}  // namespace whylink::control
