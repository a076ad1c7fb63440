#include "daemon/compare/side.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/compare/differ.hpp"
#include "daemon/compare/recorded_side.hpp"
#include "daemon/report/formats.hpp"
#include "probes/record.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Side side_of(const Report& report) {
    auto side = side_of_report(json_format.render(report, {}, std::nullopt));
    if (const auto* fault = std::get_if<std::string>(&side)) {
        ADD_FAILURE() << *fault;
        return {};
    }
    return std::get<Side>(side);
}

TEST(SideOfReport, HasWhatTheReportSays) {
    const Side side = side_of(fabricated::report({fabricated::failing_endpoint("orders")}));
    ASSERT_EQ(side.targets.size(), 1U);
    const SeenTarget& target = side.targets.front();
    EXPECT_EQ(target.kind, "endpoint");
    EXPECT_EQ(target.name, "orders");
    EXPECT_FALSE(target.healthy);
    EXPECT_EQ(target.cause, "not_on_allowlist");
    ASSERT_FALSE(target.names.empty());
    EXPECT_FALSE(target.names.front().addresses.empty());
    ASSERT_FALSE(target.connections.empty());
    EXPECT_EQ(target.connections.front().tcp, "ok");
    EXPECT_EQ(target.connections.front().tls, "pending_allowlist");
}

TEST(SideOfReport, IsEqualToItself) {
    const Report report =
        fabricated::report({fabricated::healthy_endpoint("a"), fabricated::failing_endpoint("b")},
                           {fabricated::zone("z", true, Cause::healthy, checks::Severity::ok)},
                           {fabricated::watch("w", true, Cause::healthy, checks::Severity::ok)});
    const auto compared = compare(side_of(report), side_of(report));
    EXPECT_TRUE(std::get<Comparison>(compared).equal());
    EXPECT_EQ(std::get<Comparison>(compared).targets.size(), 4U);
}

TEST(SideOfReport, RefusesWhatIsNoReport) {
    for (const char* text :
         {"", "{", "null", "[]", "7", "\"x\"", "{\"schema\": 7}", "{\"schema\": \"other/1\"}",
          "{\"schema\": \"whylink/1\"}", "{\"schema\": \"whylink/1\", \"endpoints\": {}}",
          "{\"schema\": \"whylink/1\", \"endpoints\": [7, null, []]}", "\xff\xfe"}) {
        EXPECT_TRUE(std::holds_alternative<std::string>(side_of_report(text))) << text;
    }
}

TEST(SideOfReport, ToleratesMembersOfOtherTypes) {
    const auto side = side_of_report(
        R"({"schema": "whylink/1", "vantage_point": 7, "endpoints": [{"name": [], "host": {}, "port": "x", "healthy": 1,
            "diagnosis": [], "packets": 7, "probes": [7, {"stage": 7}, {"stage": "dns", "answers": [7, {}], "cnames": [7]},
            {"stage": "tcp", "address": {}, "mss": 1e300}, {"stage": "tls", "tls": {"chain": [7]}}, {"stage": "app"}]}]})");
    ASSERT_TRUE(std::holds_alternative<Side>(side));
    EXPECT_EQ(std::get<Side>(side).targets.front().what, ":?");
}

TEST(SideOfReport, LeavesOutNumbersThatNoPacketHas) {
    for (const char* ttl : {"9223372036854775808", "18446744073709551615", "256", "-5", "1e3"}) {
        const auto side = side_of_report(
            R"({"schema": "whylink/1", "endpoints": [{"name": "a", "host": "h", "port": 1, "probes": [{"stage": "tcp",
                "address": "10.0.0.4", "outcome": "refused", "mss": 524}], "packets": {"10.0.0.4": {"syn_ack_ttl": )" +
            std::string(ttl) + "}}}]}");
        ASSERT_TRUE(std::holds_alternative<Side>(side)) << ttl;
        const SeenConnection& connection = std::get<Side>(side).targets.front().connections.at(0);
        EXPECT_FALSE(connection.ttl) << ttl;
        EXPECT_FALSE(connection.mss) << "of a socket that never opened";
    }
}

TEST(SideOfReport, StandsDeepNesting) {
    const std::string deep = "{\"schema\": \"whylink/1\", \"endpoints\": " + std::string(100'000, '[');
    EXPECT_TRUE(std::holds_alternative<std::string>(side_of_report(deep)));
}

std::string recorded(const ReportEntry& entry) {
    probes::Round round;
    for (const checks::JudgedProbe& probe : entry.verdict->probes) {
        round.probes.push_back(probe.observation);
    }
    return probes::to_json(round);
}

TEST(SideOfRecord, IsJudgedWithoutItsConfig) {
    const ReportEntry entry = fabricated::entry(fabricated::failing_endpoint("orders"));
    const auto side = side_of_record(recorded(entry));
    ASSERT_TRUE(std::holds_alternative<Side>(side)) << std::get<std::string>(side);
    const SeenTarget& target = std::get<Side>(side).targets.front();
    EXPECT_EQ(std::get<Side>(side).label, "");
    EXPECT_THAT(target.what, HasSubstr(":"));
    EXPECT_FALSE(target.healthy);
    EXPECT_EQ(target.connections.front().tls, "pending_allowlist");
}

TEST(SideOfRecord, MayHaveSeveralTargetsByName) {
    const std::string one = recorded(fabricated::entry(fabricated::failing_endpoint("a")));
    const auto side = side_of_record("{\"a\": " + one + ", \"b\": " + one + "}");
    ASSERT_TRUE(std::holds_alternative<Side>(side)) << std::get<std::string>(side);
    const Side& sides = std::get<Side>(side);
    EXPECT_THAT((std::vector<std::string>{sides.targets.at(0).name, sides.targets.at(1).name}),
                ElementsAre("a", "b"));
}

TEST(SideOfRecord, RefusesWhatIsNoRecord) {
    for (const char* text :
         {"", "{", "null", "[]", "7", "{}", "[7]", "{\"a\": 7}", "{\"a\": []}", "[{\"stage\": \"dns\"}]"}) {
        EXPECT_TRUE(std::holds_alternative<std::string>(side_of_record(text))) << text;
    }
}

}  // namespace
}  // namespace whylink::daemon
