#include "daemon/watch/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

std::shared_ptr<TargetStatus> endpoint(const std::string& name) {
    auto status = std::make_shared<TargetStatus>();
    status->target = config::make_target(fabricated::healthy_endpoint(name).endpoint);
    return status;
}

std::shared_ptr<TargetStatus> zone(const std::string& name) {
    auto status = std::make_shared<TargetStatus>();
    const fabricated::ZoneEntry report = fabricated::zone(name, true, Cause::healthy, checks::Severity::ok);
    status->target = config::make_target(report.zone);
    return status;
}

/// After a round that began so long after noon.
TargetStatusPtr after_round(std::shared_ptr<TargetStatus> status, std::chrono::milliseconds began,
                            std::chrono::milliseconds took) {
    status->verdict =
        std::make_shared<checks::Verdict>(fabricated::verdict(true, Cause::healthy, checks::Severity::ok));
    status->standing.round_started = fabricated::noon() + began;
    status->standing.round_took = took;
    return status;
}

TEST(TargetStatus, KnowsItsKindAndName) {
    EXPECT_EQ(endpoint("orders")->kind(), config::TargetKind::endpoint);
    EXPECT_EQ(endpoint("orders")->name(), "orders");
    EXPECT_EQ(zone("west")->kind(), config::TargetKind::zone);
    EXPECT_EQ(zone("west")->name(), "west");
    EXPECT_EQ(slug(config::TargetKind::endpoint), "endpoint");
    EXPECT_EQ(slug(config::TargetKind::zone), "zone");
}

TEST(ReportOfSnapshot, HasTheTargetsInTheirOrder) {
    Snapshot snapshot;
    snapshot.vantage_point = "vm-7";
    snapshot.targets = {after_round(endpoint("b"), 2s, 1s), after_round(endpoint("a"), 1s, 1s),
                        after_round(zone("z"), 4s, 1s), after_round(zone("y"), 3s, 1s)};
    const Report report = report_of(snapshot);
    EXPECT_EQ(report.vantage_point, "vm-7");
    std::vector<std::string> names;
    for (const ReportEntry& entry : report.entries) {
        names.push_back(entry.target->name());
    }
    EXPECT_THAT(names, ElementsAre("b", "a", "z", "y"));
}

TEST(ReportOfSnapshot, SaysWhereTheDaemonRuns) {
    Snapshot snapshot;
    snapshot.host = {config::Cloud::aws, "6.1.0", true};
    snapshot.capture = {.interface = "any", .up = true};
    const ReportHost captured = report_of(snapshot).host;
    EXPECT_EQ(captured.cloud, config::Cloud::aws);
    EXPECT_EQ(captured.kernel, "6.1.0");
    EXPECT_TRUE(captured.container);
    EXPECT_TRUE(captured.capture);
    EXPECT_FALSE(captured.not_captured);
    snapshot.capture = {.interface = "any", .fault = probes::LocalError{"socket", 1, "not permitted"}};
    const ReportHost blind = report_of(snapshot).host;
    EXPECT_FALSE(blind.capture);
    ASSERT_TRUE(blind.not_captured);
    EXPECT_EQ(blind.not_captured->text, "not permitted");
}

TEST(ReportOfSnapshot, ShowsWhatTheSnapshotHolds) {
    Snapshot snapshot;
    snapshot.targets = {after_round(endpoint("a"), 1s, 1s), after_round(zone("z"), 2s, 1s)};
    const Report report = report_of(snapshot);
    ASSERT_EQ(report.entries.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(report.entries[i].target, snapshot.targets[i]->target);
        EXPECT_EQ(report.entries[i].verdict, snapshot.targets[i]->verdict);
        ASSERT_TRUE(report.entries[i].standing);
        EXPECT_EQ(report.entries[i].standing->round_started, snapshot.targets[i]->standing.round_started);
    }
}

TEST(ReportOfSnapshot, LastsFromTheOldestStartToTheLatestEnd) {
    Snapshot snapshot;
    // The longest is neither the first nor the last to begin.
    snapshot.targets = {after_round(endpoint("a"), 5s, 100ms), after_round(endpoint("b"), 2s, 10s),
                        after_round(zone("z"), 1s, 1500ms)};
    const Report report = report_of(snapshot);
    EXPECT_EQ(report.started_at, fabricated::noon() + 1s);
    EXPECT_EQ(report.duration, 11s);
}

TEST(ReportOfSnapshot, LeavesOutWhatHadNoRound) {
    Snapshot snapshot;
    snapshot.targets = {endpoint("new"), after_round(endpoint("a"), 5s, 100ms), zone("also new")};
    const Report report = report_of(snapshot);
    ASSERT_EQ(report.entries.size(), 1U);
    EXPECT_EQ(report.entries[0].target->name(), "a");
    EXPECT_THAT(report.waiting, ElementsAre(snapshot.targets[0]->target, snapshot.targets[2]->target));
    EXPECT_EQ(report.started_at, fabricated::noon() + 5s);
    EXPECT_EQ(report.duration, 100ms);
}

TEST(ReportOfSnapshot, WithoutRoundsBeginsAtTheReload) {
    Snapshot snapshot;
    snapshot.config.last_success = fabricated::noon();
    for (int targets = 0; targets < 2; ++targets) {
        const Report report = report_of(snapshot);
        EXPECT_TRUE(report.entries.empty());
        EXPECT_EQ(report.started_at, fabricated::noon());
        EXPECT_EQ(report.duration, 0ns);
        snapshot.targets = {endpoint("new")};
    }
}

}  // namespace
}  // namespace whylink::daemon
