// Which of the answers a round tries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

#include "daemon/round/dns_stage.hpp"
#include "daemon/round/own_addresses.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using config::Family;
using fabricated::address;
using testing::ElementsAre;
using testing::IsEmpty;

probes::Observation answered(const std::vector<std::string_view>& answers) {
    return fabricated::dns("a.example", answers).observation;
}

probes::DnsFacts& facts(probes::Observation& observation) {
    return get<probes::DnsFacts>(observation.facts);
}

bool everywhere(const IpAddress&) {
    return true;
}

TEST(AddressesToTry, AreEachOnceAndSorted) {
    EXPECT_THAT(addresses_to_try({answered({"10.0.0.9", "10.0.0.4"}), answered({"10.0.0.4", "fd00::4"})},
                                 Family::any, everywhere),
                ElementsAre(address("10.0.0.4"), address("10.0.0.9"), address("fd00::4")));
}

TEST(AddressesToTry, NoneWithoutAnswers) {
    EXPECT_THAT(addresses_to_try({answered({})}, Family::any, everywhere), IsEmpty());
}

TEST(AddressesToTry, ThePublicNameIsOnlyResolved) {
    probes::Observation public_name = answered({"203.0.113.5"});
    facts(public_name).role = probes::NameRole::public_host;
    EXPECT_THAT(addresses_to_try({answered({"10.0.0.4"}), public_name}, Family::any, everywhere),
                ElementsAre(address("10.0.0.4")));
}

TEST(AddressesToTry, TheHostsFileStandsForTheSystem) {
    probes::Observation hosts = answered({"10.9.9.9"});
    facts(hosts).source = probes::NameSource::hosts_file;
    facts(hosts).from_system = true;
    facts(hosts).hosts_file = {address("10.9.9.9")};
    probes::Observation system = answered({"10.0.0.4"});
    facts(system).from_system = true;
    facts(system).hosts_file = {address("10.9.9.9")};
    probes::Observation configured = answered({"10.0.0.5"});
    facts(configured).hosts_file = {address("10.9.9.9")};
    EXPECT_THAT(addresses_to_try({hosts, system, configured}, Family::any, everywhere),
                ElementsAre(address("10.0.0.5"), address("10.9.9.9")));
}

TEST(AddressesToTry, AFamilyWithoutRouteIsLeftOutBesideTheOther) {
    const auto only_v4 = [](const IpAddress& a) { return a.is_v4(); };
    const std::vector both{answered({"10.0.0.4", "fd00::4"})};
    EXPECT_THAT(addresses_to_try(both, Family::any, only_v4), ElementsAre(address("10.0.0.4")));
    const auto only_v6 = [](const IpAddress& a) { return a.is_v6(); };
    EXPECT_THAT(addresses_to_try(both, Family::any, only_v6), ElementsAre(address("fd00::4")));
}

TEST(AddressesToTry, WithoutAnyRouteAllAreTried) {
    const auto nowhere = [](const IpAddress&) { return false; };
    EXPECT_THAT(addresses_to_try({answered({"10.0.0.4", "fd00::4"})}, Family::any, nowhere),
                ElementsAre(address("10.0.0.4"), address("fd00::4")));
    EXPECT_THAT(addresses_to_try({answered({"fd00::4"})}, Family::any, nowhere),
                ElementsAre(address("fd00::4")));
}

TEST(AddressesToTry, OneAddressWithoutRouteDoesNotHideItsFamily) {
    const auto not_that = [](const IpAddress& a) { return a != address("fd00::5"); };
    EXPECT_THAT(addresses_to_try({answered({"10.0.0.4", "fd00::4", "fd00::5"})}, Family::any, not_that),
                ElementsAre(address("10.0.0.4"), address("fd00::4"), address("fd00::5")));
}

// ---- too many ----

std::vector<IpAddress> many(unsigned count) {
    std::vector<IpAddress> addresses;
    for (unsigned i = 0; i < count; ++i) {
        addresses.push_back(
            IpAddress::v4({10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}));
    }
    return addresses;
}

config::Endpoint expecting(std::vector<std::string_view> blocks) {
    config::Endpoint endpoint;
    endpoint.host = "a.example";
    for (const std::string_view block : blocks) {
        endpoint.expect.push_back(*Cidr::parse(block));
    }
    return endpoint;
}

TEST(AddressesToTry, TheKernelIsNotAskedForEachOfThousandsOfAddresses) {
    probes::Observation answer = answered({"fd00::4"});
    for (const IpAddress& one : many(4000)) {
        facts(answer).queries[0].answers.push_back({one, 60});
    }
    unsigned asked = 0;
    const auto only_v6 = [&asked](const IpAddress& a) {
        ++asked;
        return a.is_v6();
    };
    EXPECT_THAT(addresses_to_try({answer}, Family::any, only_v6), ElementsAre(address("fd00::4")));
    EXPECT_LE(asked, 32U);
}

TEST(LeaveOutSurplus, TriesSixtyFourOfAName) {
    std::vector<IpAddress> addresses = many(300);
    leave_out_surplus(addresses, expecting({}));
    EXPECT_EQ(addresses.size(), max_addresses);
    EXPECT_EQ(addresses.size(), 64U);
}

TEST(LeaveOutSurplus, WrongAnswersDoNotPushOutTheRightOne) {
    std::vector<IpAddress> addresses = many(300);
    addresses.push_back(address("10.9.9.9"));
    leave_out_surplus(addresses, expecting({"10.9.9.9"}));
    EXPECT_EQ(addresses.size(), 64U);
    EXPECT_EQ(addresses.back(), address("10.9.9.9"));
    EXPECT_TRUE(std::ranges::is_sorted(addresses));
}

// ---- where a zone may not lead ----

bool no_own(const IpAddress&) {
    return false;
}

/// As a round chooses them.
std::vector<IpAddress> tried(std::vector<probes::Observation>& answers, const config::Endpoint& endpoint,
                             NameFrom from = NameFrom::user,
                             const std::function<bool(const IpAddress&)>& is_own = no_own) {
    mark_own_answers(answers, endpoint, from, is_own);
    std::vector<IpAddress> addresses = addresses_to_try(answers, endpoint.family, everywhere);
    leave_out_special(addresses, answers, endpoint, from);
    return addresses;
}

probes::Observation of_hosts_file(std::string_view given) {
    probes::Observation hosts = answered({given});
    facts(hosts).source = probes::NameSource::hosts_file;
    facts(hosts).from_system = true;
    facts(hosts).hosts_file = {address(given)};
    return hosts;
}

TEST(LeaveOutSpecial, NothingIsSentWhereNoEndpointIs) {
    for (const bool private_space : {true, false}) {
        config::Endpoint endpoint = expecting({});
        endpoint.private_space = private_space;
        for (const std::string_view special :
             {"127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1",
              "255.255.255.255", "::", "::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1",
              "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
              "2002:7f00:1::", "168.63.129.16", "fd00:ec2::254"}) {
            std::vector answers{answered({special, "10.0.0.4"})};
            EXPECT_THAT(tried(answers, endpoint), ElementsAre(address("10.0.0.4"))) << special;
        }
    }
}

TEST(LeaveOutSpecial, WhatExpectHasIsTried) {
    std::vector answers{answered({"127.0.0.1", "169.254.171.3", "169.254.169.254"})};
    EXPECT_THAT(tried(answers, expecting({"127.0.0.1", "169.254.171.0/24"})),
                ElementsAre(address("127.0.0.1"), address("169.254.171.3")));
}

TEST(LeaveOutSpecial, PublicAddressesOfAPrivateNameAreStillTried) {
    std::vector answers{answered({"203.0.113.5", "240.0.0.1"})};
    EXPECT_THAT(tried(answers, expecting({})), ElementsAre(address("203.0.113.5"), address("240.0.0.1")))
        << "the report is to show what sits there";
}

TEST(LeaveOutSpecial, AnAddressOfThisHostIsMarkedAndNotTried) {
    const auto own = [](const IpAddress& a) { return a == address("10.0.0.7"); };
    std::vector answers{answered({"10.0.0.4", "10.0.0.7"})};
    EXPECT_THAT(tried(answers, expecting({}), NameFrom::user, own), ElementsAre(address("10.0.0.4")));
    EXPECT_FALSE(facts(answers[0]).queries[0].answers[0].own);
    EXPECT_TRUE(facts(answers[0]).queries[0].answers[1].own);
    std::vector again{answered({"10.0.0.4", "10.0.0.7"})};
    EXPECT_THAT(tried(again, expecting({"10.0.0.7"}), NameFrom::user, own),
                ElementsAre(address("10.0.0.4"), address("10.0.0.7")));
    EXPECT_FALSE(facts(again[0]).queries[0].answers[1].own) << "it is where the service is";
}

TEST(LeaveOutSpecial, WhatTheHostsFileGivesIsMeantWherePrivateIsNotJudged) {
    config::Endpoint endpoint = expecting({});
    endpoint.private_space = false;
    std::vector answers{of_hosts_file("127.0.1.1")};
    EXPECT_THAT(tried(answers, endpoint), ElementsAre(address("127.0.1.1")));
    endpoint.private_space = true;
    EXPECT_THAT(tried(answers, endpoint), IsEmpty());
}

TEST(LeaveOutSpecial, ANameOutOfDnsDoesNotLeadHereByTheHostsFile) {
    config::Endpoint endpoint = expecting({});
    endpoint.private_space = false;
    std::vector answers{of_hosts_file("127.0.0.1")};
    EXPECT_THAT(tried(answers, endpoint, NameFrom::dns), IsEmpty())
        << "an SRV record that names \"localhost\"";
    EXPECT_TRUE(facts(answers[0]).queries[0].answers[0].own) << "and it is reported";
}

TEST(OwnAddresses, AreReadAgainAfterAWhileAndNotForEachQuestion) {
    using namespace std::chrono_literals;
    unsigned reads = 0;
    OwnAddresses own([&reads] {
        ++reads;
        return std::vector{reads == 1 ? address("10.0.0.7") : address("10.0.0.8")};
    });
    const OwnAddresses::Clock::time_point now{1h};
    EXPECT_TRUE(own.contains(address("10.0.0.7"), now));
    EXPECT_TRUE(own.contains(address("::ffff:10.0.0.7"), now + 1s));
    EXPECT_FALSE(own.contains(address("10.0.0.8"), now + 9s));
    EXPECT_EQ(reads, 1U);
    EXPECT_TRUE(own.contains(address("10.0.0.8"), now + 10s));
    EXPECT_EQ(reads, 2U);
}

}  // namespace
}  // namespace whylink::daemon
