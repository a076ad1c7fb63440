#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/report/formats.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using checks::Severity;
using fabricated::endpoint;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string render_nagios(const Report& report) {
    return nagios_format.render(report, {}, std::nullopt);
}

TEST(RenderNagios, OkIsOneLine) {
    const std::string text = render_nagios(fabricated::report({fabricated::healthy_endpoint("a")}));
    EXPECT_EQ(text,
              "WHYLINK OK - 1 of 1 healthy | 'healthy'=1;;;0;1 'warning'=0;;;0;1 'critical'=0;;;0;1 "
              "'unknown'=0;;;0;1 'time'=0.120s;;;0\n");
}

TEST(RenderNagios, NamesTheWorstFirst) {
    const std::string text = render_nagios(
        fabricated::report({endpoint("soon", true, Cause::certificate_problem, Severity::warning),
                            endpoint("dead", false, Cause::syn_unanswered, Severity::critical)}));
    EXPECT_THAT(
        text,
        StartsWith("WHYLINK CRITICAL - 1 of 2 healthy: dead syn_unanswered, soon certificate_problem |"));
    EXPECT_THAT(text,
                HasSubstr("\ndead: syn_unanswered (critical, high confidence): what there is to say\n"));
    EXPECT_THAT(text,
                HasSubstr("\nsoon: certificate_problem (warning, high confidence): what there is to say\n"));
}

TEST(RenderNagios, CountsWatches) {
    const std::string text = render_nagios(fabricated::report(
        {fabricated::healthy_endpoint("a")}, {},
        {fabricated::watch("saas", false, Cause::no_inbound_traffic, Severity::critical)}));
    EXPECT_THAT(text, StartsWith("WHYLINK CRITICAL - 1 of 2 healthy: saas no_inbound_traffic |"));
}

TEST(RenderNagios, SaysUnknownWhenNothingCouldBeFoundOut) {
    const std::string text =
        render_nagios(fabricated::report({endpoint("a", false, Cause::local_limit, Severity::critical)}));
    EXPECT_THAT(text, StartsWith("WHYLINK UNKNOWN - 0 of 1 healthy: a local_limit |"));
    EXPECT_THAT(text, HasSubstr("'critical'=0;;;0;1 'unknown'=1;;;0;1"));
}

TEST(RenderNagios, LeavesThePipeToThePerformanceData) {
    fabricated::EndpointEntry report = endpoint("a", false, Cause::wrong_service, Severity::critical);
    report.explanation.summary = "it says \"a|b\"\nand more";
    const std::string text = render_nagios(fabricated::report({report}));
    EXPECT_EQ(std::ranges::count(text, '|'), 1);
    EXPECT_EQ(std::ranges::count(text, '\n'), 2);
    EXPECT_THAT(text, HasSubstr("a/b"));
}

TEST(RenderNagios, CountsWhatHasNoRoomInTheStatusLine) {
    std::vector<fabricated::EndpointEntry> endpoints;
    for (const char* name : {"a", "b", "c", "d", "e"}) {
        endpoints.push_back(endpoint(name, false, Cause::syn_unanswered, Severity::critical));
    }
    EXPECT_THAT(render_nagios(fabricated::report(endpoints)), HasSubstr("c syn_unanswered and 2 more |"));
}

TEST(NagiosFault, IsOneLineWithoutPipe) {
    EXPECT_EQ(nagios_format.fault("a|b"), "WHYLINK UNKNOWN - a/b\n");
}

}  // namespace
}  // namespace whylink::daemon
