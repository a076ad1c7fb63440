#include "checks/explain/text.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace whylink::checks {
namespace {

using namespace std::chrono_literals;
using std::string_view_literals::operator""sv;

TEST(Text, DurationsKeepTheDigitsThatMatter) {
    EXPECT_EQ(duration_text(38us), "0.04 ms");
    EXPECT_EQ(duration_text(420us), "0.4 ms");
    EXPECT_EQ(duration_text(9'960us), "10 ms");
    EXPECT_EQ(duration_text(12'340us), "12 ms");
    EXPECT_EQ(duration_text(100ms), "100 ms");
    EXPECT_EQ(duration_text(252ms), "250 ms");
    EXPECT_EQ(duration_text(996ms), "1 s");
    EXPECT_EQ(duration_text(1'030ms), "1 s");
    EXPECT_EQ(duration_text(345s), "345 s");
    EXPECT_EQ(duration_text(5s), "5 s");
    EXPECT_EQ(duration_text(1'500ms), "1.5 s");
    EXPECT_EQ(duration_text(0ns), "0 ms");
}

TEST(Text, SpansUseTheLargestUnit) {
    EXPECT_EQ(span_text(3 * 86400s + 5s), "3 days");
    EXPECT_EQ(span_text(86400s), "1 day");
    EXPECT_EQ(span_text(7200s), "2 hours");
    EXPECT_EQ(span_text(59s), "0 minutes");
}

TEST(Text, BytesOfAStreamAreSaidAsFarAsTheyMatter) {
    EXPECT_EQ(stream_text(349, 0, ECONNRESET), ", 0 bytes received");
    EXPECT_EQ(stream_text(349, 1448, 0), ", 349 B sent, 1448 received");
    EXPECT_EQ(stream_text(349, 14, ETIMEDOUT), ", 349 B sent, 14 received, ETIMEDOUT (110)");
}

TEST(Text, ErrnoHasItsNameAndNumber) {
    EXPECT_EQ(errno_text(ECONNRESET), "ECONNRESET (104)");
    EXPECT_EQ(errno_text(99999), "errno 99999");
}

TEST(Text, TimesAreInUtc) {
    EXPECT_EQ(time_text(probes::WallClock::time_point{}), "1970-01-01 00:00:00 UTC");
    EXPECT_EQ(time_text(probes::WallClock::time_point{-1s}), "1969-12-31 23:59:59 UTC");
}

TEST(Text, JoinsAndCounts) {
    EXPECT_EQ(join({}), "");
    EXPECT_EQ(join({"a"}), "a");
    EXPECT_EQ(join({"a", "b", "c"}), "a, b and c");
    EXPECT_EQ(count_text(1, "byte"), "1 byte");
    EXPECT_EQ(count_text(0, "byte"), "0 bytes");
}

TEST(Text, ManyAddressesAreCut) {
    const std::vector<IpAddress> many(200, *IpAddress::parse("10.0.0.1"));
    EXPECT_TRUE(addresses_text(many).ends_with(" and 192 more")) << addresses_text(many);
}

TEST(Text, BytesAreOneLineAndShort) {
    EXPECT_EQ(bytes_text("a\r\n\x01\xff"sv), R"("a\r\n\x01\xff")");
    EXPECT_LT(bytes_text(std::string(64, '\0')).size(), 60U);
}

TEST(Text, RcodesAndAlertsHaveNamesOrNumbers) {
    EXPECT_EQ(rcode_text(9), "NOTAUTH");
    EXPECT_EQ(rcode_text(23), "RCODE 23");
    EXPECT_EQ(alert_text(116), "certificate_required (116)");
    EXPECT_EQ(alert_text(200), "alert (200)");
}

TEST(Text, IcmpNamesTypeCodeAndSender) {
    EXPECT_EQ(icmp_text({false, 3, 1, IpAddress::parse("10.0.0.1"), false}),
              "ICMP 3/1 (host unreachable) from 10.0.0.1");
    EXPECT_EQ(icmp_text({true, 1, 4, std::nullopt, true}), "ICMPv6 1/4 (port unreachable) from this host");
    EXPECT_EQ(icmp_text({false, 3, 99, std::nullopt, false}), "ICMP 3/99");
}

}  // namespace
}  // namespace whylink::checks
