#include "support/dns_zone.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace whylink::lab {
namespace {

constexpr std::uint16_t a = 1;
constexpr std::uint16_t aaaa = 28;
constexpr int noerror = 0;
constexpr int nxdomain = 3;

TEST(DnsZone, AnswersARecord) {
    const auto zone = DnsZone::parse("db.test 60 A 10.0.0.4  # the endpoint\n");
    const auto answer = zone.lookup("db.test", a);
    ASSERT_EQ(answer.records.size(), 1U);
    EXPECT_EQ(answer.records[0].data, "10.0.0.4");
    EXPECT_EQ(answer.records[0].ttl, 60U);
}

TEST(DnsZone, TellsNodataFromNxdomain) {
    const auto zone = DnsZone::parse("db.test A 10.0.0.4");
    EXPECT_EQ(zone.lookup("db.test", aaaa).rcode, noerror);
    EXPECT_TRUE(zone.lookup("db.test", aaaa).records.empty());
    EXPECT_EQ(zone.lookup("other.test", a).rcode, nxdomain);
}

TEST(DnsZone, FollowsAliases) {
    const auto zone = DnsZone::parse("www.test CNAME db.test\ndb.test A 10.0.0.4");
    const auto answer = zone.lookup("www.test", a);
    ASSERT_EQ(answer.records.size(), 2U);
    EXPECT_EQ(answer.records[0].type, DnsType::cname);
    EXPECT_EQ(answer.records[1].name, "db.test");
}

TEST(DnsZone, SaysThatTheEndOfAnAliasIsMissing) {
    const auto zone = DnsZone::parse("www.test CNAME gone.test");
    EXPECT_EQ(zone.lookup("www.test", a).rcode, nxdomain);
    EXPECT_EQ(zone.lookup("www.test", a).records.size(), 1U);
}

// RFC 4592, section 2.2.1.
TEST(DnsZone, AppliesAWildcardOnlyBelowItsClosestEncloser) {
    const auto zone = DnsZone::parse("*.z.test A 10.0.0.4\n_x.db.z.test TXT x");
    EXPECT_EQ(zone.lookup("any.z.test", a).records.size(), 1U);
    EXPECT_EQ(zone.lookup("one.two.z.test", a).records.size(), 1U);
    EXPECT_EQ(zone.lookup("one.two.z.test", a).records[0].name, "one.two.z.test");
    EXPECT_EQ(zone.lookup("db.z.test", a).rcode, noerror) << "an empty non-terminal exists";
    EXPECT_TRUE(zone.lookup("db.z.test", a).records.empty());
    EXPECT_EQ(zone.lookup("y.db.z.test", a).rcode, nxdomain) << "the closest encloser has no wildcard";
    EXPECT_EQ(zone.lookup("other.test", a).rcode, nxdomain);
}

TEST(DnsZone, AnswersEverythingFromAWildcardAtTheRoot) {
    const auto zone = DnsZone::parse("* A 10.0.0.9");
    EXPECT_EQ(zone.lookup("nosuch.example", a).records.size(), 1U);
}

TEST(DnsZone, GivesTheFirstFaultThatFits) {
    const auto zone = DnsZone::parse(
        "db.test A 10.0.0.4\n"
        "db.test FAULT silent AAAA\n"
        "*.slow.test FAULT slow\n"
        "OTHERS FAULT refused\n");
    EXPECT_EQ(zone.fault("db.test", aaaa), DnsFault::silent);
    EXPECT_EQ(zone.fault("db.test", a), std::nullopt);
    EXPECT_EQ(zone.fault("x.slow.test", a), DnsFault::slow);
    EXPECT_EQ(zone.fault("slow.test", a), DnsFault::refused);
    EXPECT_EQ(zone.fault("nosuch.test", a), DnsFault::refused);
    EXPECT_EQ(DnsZone::parse("ALL FAULT servfail").fault("x.test", a), DnsFault::servfail);
}

TEST(DnsZone, RefusesWhatItDoesNotUnderstand) {
    EXPECT_THROW(DnsZone::parse("db.test A"), std::invalid_argument);
    EXPECT_THROW(DnsZone::parse("db.test MX mail.test"), std::invalid_argument);
    EXPECT_THROW(DnsZone::parse("db.test soon A 10.0.0.1"), std::invalid_argument);
    EXPECT_THROW(DnsZone::parse("db.test FAULT sleepy"), std::invalid_argument);
}

}  // namespace
}  // namespace whylink::lab
