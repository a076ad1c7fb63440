#include <gtest/gtest.h>

#include "daemon/report/formats.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using checks::Severity;
using fabricated::endpoint;

fabricated::EndpointEntry fine() {
    return endpoint("fine", true, Cause::healthy, Severity::ok);
}
fabricated::EndpointEntry expiring() {
    return endpoint("expiring", true, Cause::certificate_problem, Severity::warning);
}
fabricated::EndpointEntry partly() {
    return endpoint("partly", false, Cause::one_address_failing, Severity::warning);
}
fabricated::EndpointEntry dead() {
    return endpoint("dead", false, Cause::syn_unanswered, Severity::critical);
}
/// Of the daemon: the latest round failed, and not yet as many in a row as the threshold wants.
fabricated::EndpointEntry shaky() {
    return endpoint("shaky", true, Cause::syn_unanswered, Severity::critical);
}
fabricated::EndpointEntry unknown() {
    return endpoint("unknown", false, Cause::local_limit, Severity::critical);
}

struct Row {
    const char* name;
    std::vector<fabricated::EndpointEntry> endpoints;
    int status;
    int nagios;
};

class ExitStatus : public testing::TestWithParam<Row> {};

TEST_P(ExitStatus, IsAsTheContractSays) {
    const Report report = fabricated::report(GetParam().endpoints);
    EXPECT_EQ(human_format.exit_status(report), GetParam().status);
    EXPECT_EQ(json_format.exit_status(report), GetParam().status);
    EXPECT_EQ(nagios_format.exit_status(report), GetParam().nagios);
}

INSTANTIATE_TEST_SUITE_P(
    Reports, ExitStatus,
    testing::Values(Row{"empty", {}, 0, 0}, Row{"healthy", {fine()}, 0, 0},
                    Row{"healthy_with_warning", {fine(), expiring()}, 0, 1},
                    Row{"unhealthy_with_warning", {fine(), partly()}, 1, 1},
                    Row{"critical", {fine(), dead(), partly()}, 1, 2},
                    Row{"failed_and_still_counted_healthy", {fine(), shaky()}, 0, 1},
                    Row{"unknown", {fine(), unknown()}, 3, 3},
                    Row{"unknown_beside_warning", {expiring(), unknown()}, 3, 3},
                    Row{"unknown_beside_critical", {dead(), unknown()}, 1, 2},
                    Row{"unknown_beside_unhealthy_warning", {partly(), unknown()}, 1, 1}),
    [](const auto& row) { return row.param.name; });

TEST(ExitStatus, CountsZonesToo) {
    const Report report = fabricated::report(
        {fine()}, {fabricated::zone("z", false, Cause::wildcard_missing, Severity::critical)});
    EXPECT_FALSE(tally(report).unhealthy() == 0);
    EXPECT_EQ(human_format.exit_status(report), 1);
}

TEST(ExitStatus, CountsWatchesToo) {
    const Report report = fabricated::report(
        {fine()}, {}, {fabricated::watch("w", false, Cause::no_inbound_traffic, Severity::critical)});
    EXPECT_FALSE(tally(report).unhealthy() == 0);
    EXPECT_EQ(human_format.exit_status(report), 1);
    EXPECT_EQ(nagios_format.exit_status(report), 2);
}

TEST(ExitStatus, NobodyKnowsWhatHadNoRoundYet) {
    const auto statuses = [](std::vector<fabricated::EndpointEntry> endpoints) {
        Report report = fabricated::report(std::move(endpoints));
        report.waiting = {config::make_target(config::Endpoint())};
        return std::pair(json_format.exit_status(report), nagios_format.exit_status(report));
    };
    EXPECT_EQ(statuses({}), std::pair(3, 3));
    EXPECT_EQ(statuses({fine()}), std::pair(3, 3));
    EXPECT_EQ(statuses({fine(), unknown()}), std::pair(3, 3));
    EXPECT_EQ(statuses({fine(), dead()}), std::pair(1, 2));
}

TEST(ExitStatus, AMistakeIsNotCriticalToNagios) {
    EXPECT_EQ(human_format.usage_status, 2);
    EXPECT_EQ(json_format.usage_status, 2);
    EXPECT_EQ(nagios_format.usage_status, 3);
}

}  // namespace
}  // namespace whylink::daemon
