// What a round shows of what a target is, and what differs from before.
#include "daemon/history/traits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;

checks::Verdict verdict_of(std::vector<checks::JudgedProbe> probes) {
    checks::Verdict verdict = fabricated::verdict(true, Cause::healthy, checks::Severity::ok);
    verdict.probes = std::move(probes);
    verdict.packets.clear();
    return verdict;
}

checks::JudgedProbe dns(const std::vector<std::string_view>& answers, std::optional<int> rcode = 0) {
    checks::JudgedProbe probe = fabricated::dns("db.example", answers);
    get<probes::DnsFacts>(probe.observation.facts).queries.front().rcode = rcode;
    return probe;
}

checks::JudgedProbe tls(const std::string& issuer, probes::TlsProgress progress) {
    checks::JudgedProbe probe = fabricated::tls("10.0.0.4");
    auto& facts = get<probes::TlsFacts>(probe.observation.facts);
    probes::Certificate certificate;
    certificate.subject = "CN=db";
    certificate.issuer = issuer;
    facts.chain = {certificate};
    facts.progress = progress;
    facts.version = "TLSv1.3";
    return probe;
}

std::vector<std::string> values_of(const Traits& traits, What what) {
    std::vector<std::string> values;
    for (const auto& [key, value] : traits) {
        if (key.what == what) {
            values.push_back(value);
        }
    }
    return values;
}

std::vector<Change> changes(std::vector<checks::JudgedProbe> before, std::vector<checks::JudgedProbe> after) {
    Traits known = traits_of(verdict_of(std::move(before)));
    return take_over(known, traits_of(verdict_of(std::move(after))), noon()).changes;
}

TEST(Traits, AddressesAreSortedAndOfOneValue) {
    const Traits traits = traits_of(verdict_of({dns({"10.0.0.9", "10.0.0.4"})}));
    EXPECT_THAT(values_of(traits, What::address), testing::Contains("10.0.0.4, 10.0.0.9"));
}

TEST(Traits, AnotherAddressIsAChange) {
    EXPECT_THAT(changes({dns({"10.0.0.9"})}, {dns({"10.0.0.4"})}),
                testing::ElementsAre(Change{noon(), What::address, "10.0.0.9", "10.0.0.4"}));
}

TEST(Traits, ARecordThatIsGoneIsAChange) {
    constexpr int nxdomain = 3;
    EXPECT_THAT(changes({dns({"10.0.0.9"})}, {dns({}, nxdomain)}),
                testing::ElementsAre(Change{noon(), What::address, "10.0.0.9", ""}));
}

TEST(Traits, WhatAFailedRoundCouldNotSeeHasNotChanged) {
    constexpr int servfail = 2;
    EXPECT_TRUE(changes({dns({"10.0.0.9"})}, {dns({}, std::nullopt)}).empty());
    EXPECT_TRUE(changes({dns({"10.0.0.9"})}, {dns({}, servfail)}).empty());
    EXPECT_TRUE(changes({dns({"10.0.0.9"}), tls("CN=ca", probes::TlsProgress::complete)}, {dns({"10.0.0.9"})})
                    .empty());
}

TEST(Traits, AFirstObservationIsNoChange) {
    EXPECT_TRUE(changes({dns({"10.0.0.9"})}, {dns({"10.0.0.9"}), tls("CN=ca", probes::TlsProgress::complete)})
                    .empty());
}

TEST(Traits, ACertificateCountsAlthoughTheHandshakeFailed) {
    const std::vector<Change> found = changes({tls("CN=ca", probes::TlsProgress::complete)},
                                              {tls("CN=proxy", probes::TlsProgress::certificate)});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().what, What::certificate);
    EXPECT_THAT(found.front().to, testing::HasSubstr("CN=proxy"));
}

TEST(Traits, ACertificateOfTheSameNamesAndDatesIsAnotherBySerial) {
    const auto with_serial = [](const char* serial) {
        checks::JudgedProbe probe = tls("CN=ca", probes::TlsProgress::complete);
        get<probes::TlsFacts>(probe.observation.facts).chain.front().serial = serial;
        return probe;
    };
    EXPECT_TRUE(changes({with_serial("0a")}, {with_serial("0a")}).empty());
    const std::vector<Change> found = changes({with_serial("0a")}, {with_serial("0b")});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().what, What::certificate);
    EXPECT_THAT(found.front().to, testing::HasSubstr(", serial 0b)"));
}

TEST(Traits, AProbeThatCouldNotBeMadeShowsNothing) {
    checks::JudgedProbe probe = dns({"10.0.0.4"});
    probe.observation.local = probes::LocalError{"socket", 24, "Too many open files"};
    EXPECT_TRUE(traits_of(verdict_of({probe})).empty());
}

TEST(Traits, PacketsShowSegmentSizeAndHops) {
    checks::Verdict verdict = verdict_of({});
    probes::PacketFacts facts;
    facts.mss_received = 1360;
    facts.syn_ack_hop_limit = 60;
    verdict.packets = {fabricated::packets("10.0.0.4", facts)};
    const Traits traits = traits_of(verdict);
    EXPECT_THAT(values_of(traits, What::mss), testing::ElementsAre("1360"));
    EXPECT_THAT(values_of(traits, What::hops), testing::ElementsAre("4"));
}

TEST(Traits, TellsWhichOnesAreNew) {
    Traits known;
    const Traits seen{{{What::mss, "10.0.0.4"}, "1460"}};
    EXPECT_EQ(take_over(known, seen, noon()).replaced.size(), 1U);
    EXPECT_TRUE(take_over(known, seen, noon()).replaced.empty());
}

TEST(Traits, OfAddressesThatRotateSomeAreFollowed) {
    Traits known;
    for (std::size_t i = 0; i <= max_traits; ++i) {
        take_over(known, {{{What::mss, std::to_string(i)}, "1460"}}, noon());
    }
    EXPECT_EQ(known.size(), max_traits);
    EXPECT_EQ(take_over(known, {{{What::mss, "0"}, "1400"}}, noon()).changes.size(), 1U);
    EXPECT_TRUE(take_over(known, {{{What::mss, "beyond"}, "1400"}}, noon()).replaced.empty());
    EXPECT_EQ(take_over(known, {{{What::config, "keys"}, "3f2a91c0"}}, noon()).replaced.size(), 1U);
}

TEST(Change, IsALineForPeople) {
    EXPECT_EQ(change_text({noon(), What::address, "10.0.0.9", "10.0.0.4"}), "address 10.0.0.9 → 10.0.0.4");
    EXPECT_EQ(change_text({noon(), What::address, "10.0.0.9", ""}), "address 10.0.0.9 → none");
    const Change change{noon(), What::mss, "1", "2"};
    EXPECT_EQ(changes_text({change, change, change}, 1), "MSS 1 → 2; 2 more");
}

}  // namespace
}  // namespace whylink::daemon
