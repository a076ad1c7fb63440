#include <gtest/gtest.h>

#include <cerrno>

#include "checks/stages/dns/answer.hpp"
#include "checks/stages/stage.hpp"
#include "tests/unit/checks/stages/told.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::DnsQuery;
using probes::IcmpError;
using probes::NameRole;
using probes::Observation;
using probes::RecordType;

IpAddress address(const char* text) {
    return *IpAddress::parse(text);
}

DnsQuery reply(RecordType type, int rcode, const std::vector<const char*>& addresses = {}) {
    DnsQuery query;
    query.type = type;
    query.rcode = rcode;
    query.sent = 1;
    for (const char* text : addresses) {
        query.answers.push_back({address(text), 300});
    }
    return query;
}

DnsQuery no_reply(RecordType type = RecordType::a) {
    DnsQuery query;
    query.type = type;
    query.timed_out = true;
    query.sent = 5;
    return query;
}

Observation observe(std::vector<DnsQuery> queries, NameRole role = NameRole::host) {
    DnsFacts facts;
    facts.name = "abcd.example";
    facts.role = role;
    facts.resolver = address("10.0.0.2");
    facts.queries = std::move(queries);
    Observation observation;
    observation.facts = std::move(facts);
    return observation;
}

Outcome outcome_of(std::vector<DnsQuery> queries, const Expectation& expectation = {}) {
    return classify(observe(std::move(queries)), expectation).outcome;
}

// ---- this host's own addresses ----

TEST(DnsAddresses, OneOfThisHostIsUnexpectedAndSaidToBeSo) {
    Observation observation = observe({reply(RecordType::a, 0, {"10.0.0.7"})});
    Expectation expectation;
    expectation.private_space = true;
    EXPECT_EQ(told(observation, expectation).outcome, Outcome::ok);
    get<DnsFacts>(observation.facts).queries[0].answers[0].own = true;
    const Told seen = told(observation, expectation);
    EXPECT_EQ(seen.outcome, Outcome::unexpected_address);
    EXPECT_EQ(seen.detail, "10.0.0.7 is an address of this host and not in `expect`");
}

TEST(DnsAddresses, SpecialOnesAreCalledWhatTheyAre) {
    Expectation expectation;
    expectation.private_space = true;
    for (const auto& [text, what] : std::initializer_list<std::pair<const char*, const char*>>{
             {"127.0.0.1", "a loopback address"},
             {"169.254.169.254", "a link-local address"},
             {"224.0.0.1", "a multicast address"},
             {"255.255.255.255", "the broadcast address"},
             {"0.0.0.1", "an address of this network only (0.0.0.0/8)"},
             {"168.63.129.16", "the address of a cloud's metadata service"}}) {
        const Told seen = told(observe({reply(RecordType::a, 0, {text})}), expectation);
        EXPECT_EQ(seen.outcome, Outcome::unexpected_address) << text;
        EXPECT_EQ(seen.detail, std::string(text) + " is " + what);
    }
    for (const auto& [text, what] : std::initializer_list<std::pair<const char*, const char*>>{
             {"::1", "a loopback address"},
             {"fe80::1", "a link-local address"},
             {"ff02::1", "a multicast address"},
             {"64:ff9b::7f00:1", "a loopback address"},
             {"2002:7f00:1::", "a special IPv4 address inside an IPv6 one"},
             {"fd00:ec2::254", "the address of a cloud's metadata service"}}) {
        const Told seen = told(observe({reply(RecordType::aaaa, 0, {text})}), expectation);
        EXPECT_EQ(seen.outcome, Outcome::unexpected_address) << text;
        EXPECT_EQ(seen.detail, std::string(text) + " is " + what);
    }
}

// ---- one query ----

TEST(ClassifyQuery, ReadsTheRcode) {
    const IpAddress resolver = address("10.0.0.2");
    EXPECT_EQ(classify_query(reply(RecordType::a, 0, {"10.0.0.4"}), resolver), Outcome::ok);
    EXPECT_EQ(classify_query(reply(RecordType::a, 0), resolver), Outcome::nodata);
    EXPECT_EQ(classify_query(reply(RecordType::a, 3), resolver), Outcome::nxdomain);
    EXPECT_EQ(classify_query(reply(RecordType::a, 5), resolver), Outcome::query_refused);
    for (const int rcode : {1, 2, 4, 9, 16, 23}) {
        EXPECT_EQ(classify_query(reply(RecordType::a, rcode), resolver), Outcome::servfail) << rcode;
    }
}

TEST(ClassifyQuery, TellsWhatKindOfNoReplyItWas) {
    const IpAddress resolver = address("10.0.0.2");
    DnsQuery query = no_reply();
    EXPECT_EQ(classify_query(query, resolver), Outcome::timeout);
    query.bad_replies = 1;
    EXPECT_EQ(classify_query(query, resolver), Outcome::bad_response);
    query.bad_replies = 0;
    query.error = ECONNREFUSED;
    EXPECT_EQ(classify_query(query, resolver), Outcome::refused);
    query.error = EHOSTUNREACH;
    EXPECT_EQ(classify_query(query, resolver), Outcome::unreachable);
    query.error = EPERM;
    EXPECT_EQ(classify_query(query, resolver), Outcome::prohibited);
    query.error = ECONNRESET;
    EXPECT_EQ(classify_query(query, resolver), Outcome::refused);
}

TEST(ClassifyQuery, AClosedPortIsRefusedWhereverItIsTold) {
    DnsQuery query = no_reply();
    query.icmp = IcmpError{false, 3, 3, address("10.0.0.2"), false};
    EXPECT_EQ(classify_query(query, address("10.0.0.2")), Outcome::refused);
    query.icmp = IcmpError{true, 1, 4, address("fd00::2"), false};
    EXPECT_EQ(classify_query(query, address("fd00::2")), Outcome::refused);
    query.icmp = IcmpError{false, 3, 3, address("127.0.0.53"), true};
    EXPECT_EQ(classify_query(query, address("127.0.0.53")), Outcome::refused);
}

TEST(ClassifyQuery, ARejectByThisHostIsProhibited) {
    DnsQuery query = no_reply();
    query.icmp = IcmpError{false, 3, 3, address("10.0.0.7"), true};
    EXPECT_EQ(classify_query(query, address("10.0.0.2")), Outcome::prohibited);
    EXPECT_TRUE(forbidden_here(observe({query})));
}

TEST(ClassifyQuery, AnIcmpErrorThatEndsNothingLeavesItSilent) {
    DnsQuery query = no_reply();
    query.icmp = IcmpError{false, 3, 4, address("10.0.0.1"), false};
    EXPECT_EQ(classify_query(query, address("10.0.0.2")), Outcome::timeout);
}

// ---- both families ----

TEST(ClassifyDns, OneFamilyIsEnoughAndTheOtherIsSaid) {
    const Told result = told(observe({reply(RecordType::a, 0, {"10.0.0.4"}), no_reply(RecordType::aaaa)}));
    EXPECT_EQ(result.outcome, Outcome::ok);
    EXPECT_NE(result.detail.find("AAAA: no reply"), std::string::npos) << result.detail;
    EXPECT_EQ(result.query_outcomes, (std::vector{Outcome::ok, Outcome::timeout}));
}

TEST(ClassifyDns, NothingIsSaidOfAFamilyWithoutRecordsBesideAnAddress) {
    const Told result = told(observe({reply(RecordType::a, 0, {"10.0.0.4"}), reply(RecordType::aaaa, 0)}));
    EXPECT_EQ(result.outcome, Outcome::ok);
    EXPECT_EQ(result.detail, "");
}

TEST(ClassifyDns, WhatIsTrueOfBothTypesIsSaidOnce) {
    EXPECT_EQ(told(observe({reply(RecordType::a, 3), reply(RecordType::aaaa, 3)})).detail,
              "A and AAAA: NXDOMAIN");
    EXPECT_EQ(told(observe({reply(RecordType::a, 0), reply(RecordType::aaaa, 3)})).detail,
              "A: NODATA; AAAA: NXDOMAIN");
}

TEST(ClassifyDns, WithoutAnAddressTheMoreDecisiveAnswerCounts) {
    EXPECT_EQ(outcome_of({reply(RecordType::a, 3), no_reply(RecordType::aaaa)}), Outcome::nxdomain);
    EXPECT_EQ(outcome_of({reply(RecordType::a, 0), reply(RecordType::aaaa, 2)}), Outcome::servfail);
    EXPECT_EQ(outcome_of({no_reply(), reply(RecordType::aaaa, 0)}), Outcome::timeout);
    EXPECT_EQ(outcome_of({reply(RecordType::a, 0), reply(RecordType::aaaa, 0)}), Outcome::nodata);
}

TEST(ClassifyDns, NoQueryAtAllIsNoReply) {
    EXPECT_EQ(outcome_of({}), Outcome::timeout);
}

// ---- the address ----

struct AddressCase {
    const char* answer;
    std::vector<const char*> expect;
    bool private_space;
    Outcome outcome;
};

TEST(ClassifyDns, JudgesAddressesByExpectFirst) {
    using enum Outcome;
    const std::vector<AddressCase> cases{
        {"10.0.0.4", {}, true, ok},
        {"172.16.0.1", {}, true, ok},
        {"172.32.0.1", {}, true, public_address},
        {"192.168.1.1", {}, true, ok},
        {"100.64.0.1", {}, true, ok},
        {"100.128.0.1", {}, true, public_address},
        {"fd00::4", {}, true, ok},
        {"2001:db8::4", {}, true, public_address},
        {"203.0.113.4", {}, true, public_address},
        {"203.0.113.4", {}, false, ok},
        {"203.0.113.4", {"203.0.113.0/24"}, true, ok},
        {"203.0.113.4", {"10.0.0.4"}, true, public_address},
        {"203.0.113.4", {"10.0.0.4"}, false, unexpected_address},
        {"10.0.0.5", {"10.0.0.4"}, true, unexpected_address},
        {"10.0.0.5", {"10.0.0.4"}, false, unexpected_address},
        {"10.0.0.5", {"10.0.0.4", "10.0.0.0/29"}, true, ok},
        {"127.0.0.1", {}, true, unexpected_address},
        {"127.0.0.1", {}, false, unexpected_address},
        {"127.0.0.1", {"127.0.0.0/8"}, true, ok},
        {"169.254.1.1", {}, true, unexpected_address},
        {"0.0.0.0", {}, true, unexpected_address},
        {"224.0.0.1", {}, true, unexpected_address},
        {"::1", {}, true, unexpected_address},
        {"fe80::1", {}, true, unexpected_address},
        {"ff02::1", {}, true, unexpected_address},
        {"::", {}, true, unexpected_address},
        {"64:ff9b::10.0.0.4", {}, true, ok},
        {"64:ff9b::10.0.0.4", {"10.0.0.4"}, true, ok},
        {"64:ff9b::203.0.113.4", {}, true, public_address},
        {"::ffff:10.0.0.9", {"10.0.0.4"}, true, unexpected_address},
    };
    for (const AddressCase& c : cases) {
        std::vector<Cidr> expect;
        for (const char* block : c.expect) {
            expect.push_back(*Cidr::parse(block));
        }
        Expectation expectation;
        expectation.expect = expect;
        expectation.private_space = c.private_space;
        EXPECT_EQ(outcome_of({reply(RecordType::a, 0, {c.answer})}, expectation), c.outcome)
            << c.answer << (c.private_space ? "" : ", private not judged");
    }
}

TEST(ClassifyDns, OneWrongAddressAmongRightOnesIsEnough) {
    EXPECT_EQ(outcome_of({reply(RecordType::a, 0, {"10.0.0.4", "127.0.0.1", "203.0.113.4"})}),
              Outcome::public_address);
    EXPECT_EQ(outcome_of({reply(RecordType::a, 0, {"10.0.0.4", "127.0.0.1"})}), Outcome::unexpected_address);
}

TEST(ClassifyDns, TheHostsFileMayGiveLoopbackWherePrivateIsNotJudged) {
    Observation observation = observe({reply(RecordType::a, 0, {"127.0.0.1"})});
    get<DnsFacts>(observation.facts).source = probes::NameSource::hosts_file;
    Expectation expectation;
    EXPECT_EQ(classify(observation, expectation).outcome, Outcome::unexpected_address);
    expectation.private_space = false;
    EXPECT_EQ(classify(observation, expectation).outcome, Outcome::ok);
}

TEST(ClassifyDns, ASystemResolverThatTheHostsFileShadowsDoesNotCount) {
    Observation observation = observe({reply(RecordType::a, 0, {"10.0.0.4"})});
    auto& facts = get<DnsFacts>(observation.facts);
    facts.hosts_file = {address("10.0.0.9")};
    EXPECT_TRUE(classify(observation, {}).counts);
    facts.from_system = true;
    const Told result = told(observation);
    EXPECT_FALSE(result.counts);
    EXPECT_NE(result.detail.find("hosts file gives 10.0.0.9"), std::string::npos) << result.detail;
}

// ---- the public name ----

TEST(ClassifyDns, ThePublicNameMustNotLeadToThePrivateAddress) {
    const std::vector<IpAddress> of_host{address("203.0.113.4")};
    Expectation expectation;
    const auto outcome = [&](const char* answer) {
        return classify(observe({reply(RecordType::a, 0, {answer})}, NameRole::public_host), expectation)
            .outcome;
    };
    EXPECT_EQ(outcome("203.0.113.7"), Outcome::ok);
    EXPECT_EQ(outcome("10.9.9.9"), Outcome::unexpected_address);
    EXPECT_EQ(outcome("203.0.113.4"), Outcome::ok);
    expectation.host_addresses = of_host;
    EXPECT_EQ(outcome("203.0.113.4"), Outcome::unexpected_address);
    const std::vector<Cidr> expect{*Cidr::parse("203.0.113.7")};
    expectation.expect = expect;
    EXPECT_EQ(outcome("203.0.113.7"), Outcome::unexpected_address);
    expectation.private_space = false;
    EXPECT_EQ(outcome("10.9.9.9"), Outcome::ok);
}

// ---- the control ----

TEST(ClassifyDns, OnlyAnAddressForTheControlCounts) {
    const auto control = [](DnsQuery query) {
        return classify(observe({std::move(query)}, NameRole::control), {});
    };
    EXPECT_EQ(control(reply(RecordType::a, 3)).outcome, Outcome::ok);
    EXPECT_FALSE(control(reply(RecordType::a, 3)).counts);
    EXPECT_EQ(control(no_reply()).outcome, Outcome::timeout);
    EXPECT_FALSE(control(no_reply()).counts);
    EXPECT_FALSE(control(reply(RecordType::a, 5)).counts);
    EXPECT_EQ(control(reply(RecordType::a, 0, {"10.0.0.4"})).outcome, Outcome::unexpected_address);
    EXPECT_TRUE(control(reply(RecordType::a, 0, {"203.0.113.4"})).counts);
}

TEST(ClassifyDns, AFaultOfThisHostSaysNothingOfTheResolver) {
    Observation observation = observe({no_reply(), no_reply(RecordType::aaaa)});
    observation.local = probes::LocalError{"socket", EMFILE, "cannot open a socket"};
    const Told result = told(observation);
    EXPECT_EQ(result.outcome, Outcome::local_error);
    EXPECT_EQ(result.detail, "socket: cannot open a socket: EMFILE (24)");
    EXPECT_EQ(result.query_outcomes.size(), 2U);
    observation.local = probes::LocalError{"sendto", EPERM, ""};
    EXPECT_EQ(classify(observation, {}).outcome, Outcome::prohibited);
}

}  // namespace
}  // namespace whylink::checks
