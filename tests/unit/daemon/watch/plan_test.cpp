// What a new configuration does to the targets that are watched already.
#include "daemon/watch/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/run/reload.hpp"
#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

config::Endpoint orders() {
    config::Endpoint endpoint;
    endpoint.name = "orders";
    endpoint.host = "orders.example";
    endpoint.port = 8443;
    return endpoint;
}

config::TargetPtr named(std::string name) {
    config::Endpoint endpoint = orders();
    endpoint.name = std::move(name);
    return config::make_target(std::move(endpoint));
}

config::TargetPtr zone_named(std::string name) {
    config::Zone zone;
    zone.name = std::move(name);
    return config::make_target(std::move(zone));
}

std::vector<std::string> names(const Plan& plan) {
    std::vector<std::string> result;
    for (const PlannedTarget& target : plan.targets) {
        result.push_back(target.what->name());
    }
    return result;
}

std::vector<Fate> fates(const Plan& plan) {
    std::vector<Fate> result;
    for (const PlannedTarget& target : plan.targets) {
        result.push_back(target.fate);
    }
    return result;
}

template <class What>
Fate fate_after(What before, const std::function<void(What&)>& edit) {
    What after = before;
    edit(after);
    return make_plan({config::make_target(std::move(before))}, {config::make_target(std::move(after))})
        .targets.at(0)
        .fate;
}

Fate fate_after(const std::function<void(config::Endpoint&)>& edit) {
    return fate_after<config::Endpoint>(orders(), edit);
}

TEST(Plan, AddsEverythingToNothing) {
    const Plan plan = make_plan({}, {named("a"), zone_named("b")});
    EXPECT_THAT(fates(plan), ElementsAre(Fate::added, Fate::added));
    EXPECT_THAT(plan.removed, IsEmpty());
}

TEST(Plan, RemovesWhatIsNotThereAnyMore) {
    const Plan plan = make_plan({named("a"), named("b"), named("c")}, {named("b")});
    EXPECT_THAT(plan.removed, ElementsAre(0, 2));
    EXPECT_THAT(fates(plan), ElementsAre(Fate::kept));
    EXPECT_EQ(plan.targets[0].before, 1U);
}

TEST(Plan, KeepsTheNewOrderAndTheOldObject) {
    const std::vector<config::TargetPtr> before{named("a"), named("b")};
    const Plan plan = make_plan(before, {named("b"), named("new"), named("a")});
    EXPECT_THAT(names(plan), ElementsAre("b", "new", "a"));
    EXPECT_THAT(fates(plan), ElementsAre(Fate::kept, Fate::added, Fate::kept));
    EXPECT_EQ(plan.targets[0].what, before[1]) << "what is kept is not held twice";
    EXPECT_EQ(plan.targets[2].before, 0U);
}

TEST(Plan, LabelsIntervalAndThresholdsLeaveTheTargetTheSame) {
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.labels["team"] = "orders"; }), Fate::adjusted);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.interval = std::chrono::hours(1); }), Fate::adjusted);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.failure_threshold = 7; }), Fate::adjusted);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.success_threshold = 7; }), Fate::adjusted);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.hold = std::chrono::minutes(6); }), Fate::adjusted);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.hold_interval *= 2; }), Fate::adjusted);
}

TEST(Plan, WhatIsMeasuredOrExpectedMakesAnotherTarget) {
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.host = "other.example"; }), Fate::changed);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.port = 1; }), Fate::changed);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.expect = {*Cidr::parse("10.0.0.4")}; }), Fate::changed);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.tls.verify = false; }), Fate::changed);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.profile = "aws"; }), Fate::changed);
    EXPECT_EQ(fate_after([](config::Endpoint& e) { e.timeout = std::chrono::seconds(1); }), Fate::changed);
}

TEST(Plan, OfAWatchOnlyWhatItIsAboutMakesAnother) {
    const auto fate = [](const std::function<void(config::Watch&)>& edit) {
        return fate_after<config::Watch>({}, edit);
    };
    EXPECT_EQ(fate([](config::Watch& w) { w.labels["team"] = "cache"; }), Fate::adjusted);
    EXPECT_EQ(fate([](config::Watch& w) { w.failure_threshold = 7; }), Fate::adjusted);
    EXPECT_EQ(fate([](config::Watch& w) { w.timeout = std::chrono::seconds(1); }), Fate::adjusted);
    EXPECT_EQ(fate([](config::Watch& w) { w.window = std::chrono::seconds(1); }), Fate::changed);
    EXPECT_EQ(fate([](config::Watch& w) { w.port = 1; }), Fate::changed);
}

TEST(Plan, AnEndpointThatBecomesAZoneIsAnotherTarget) {
    const Plan plan = make_plan({named("a")}, {zone_named("a")});
    EXPECT_THAT(fates(plan), ElementsAre(Fate::changed));
    EXPECT_THAT(plan.removed, IsEmpty());
}

TEST(Plan, IsSummedUpInALine) {
    const Plan plan = make_plan({named("a"), named("b")}, {named("b"), named("c"), named("d")});
    EXPECT_EQ(summary(plan), "2 added, 1 removed, 0 changed, 0 adjusted, 1 unchanged");
}

TEST(Wanted, LeavesOutWhatIsNotEnabled) {
    config::Config config;
    config::Endpoint endpoint = orders();
    config.targets.push_back(config::make_target(endpoint));
    endpoint.enabled = false;
    config.targets.push_back(config::make_target(endpoint));
    config.targets.push_back(config::make_target(config::Zone()));
    config::Watch watch;
    config.targets.push_back(config::make_target(watch));
    watch.enabled = false;
    config.targets.push_back(config::make_target(watch));
    const config::Config wanted = wanted_of(config);
    ASSERT_EQ(wanted.targets.size(), 3U);
    EXPECT_EQ(wanted.targets[0]->kind(), config::TargetKind::endpoint);
    EXPECT_EQ(wanted.targets[1]->kind(), config::TargetKind::zone);
    EXPECT_EQ(wanted.targets[2]->kind(), config::TargetKind::watch);
}

}  // namespace
}  // namespace whylink::daemon
