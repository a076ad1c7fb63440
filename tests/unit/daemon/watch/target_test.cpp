// What rounds add up to, for one target, by observations alone.
#include "daemon/watch/target.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

config::TargetPtr orders(unsigned failure_threshold) {
    config::Endpoint endpoint;
    endpoint.name = "orders";
    endpoint.host = "10.0.0.4";
    endpoint.address = IpAddress::parse("10.0.0.4");
    endpoint.port = 6379;
    endpoint.tls.mode = config::TlsMode::off;
    endpoint.failure_threshold = failure_threshold;
    return config::make_target(std::move(endpoint));
}

FinishedRound round(bool works) {
    probes::TcpFacts facts;
    facts.connected = works;
    facts.timed_out = !works;
    probes::Observation observation;
    observation.stage = probes::Stage::tcp;
    observation.address = IpAddress::parse("10.0.0.4");
    observation.port = 6379;
    observation.facts = facts;
    FinishedRound finished;
    finished.measured.probes.push_back(std::move(observation));
    finished.started = std::chrono::system_clock::time_point(1'000'000s);
    finished.took = 5ms;
    finished.ended = std::chrono::steady_clock::time_point(1000s);
    return finished;
}

std::vector<probes::FollowUpTest> follow_up() {
    return {{probes::FollowUp::other_port, round(true).measured.probes.front()}};
}

FinishedRound not_made() {
    FinishedRound finished = round(false);
    finished.measured.probes[0].local = probes::LocalError{"socket", EMFILE, "Too many open files"};
    return finished;
}

FinishedRound paused(FinishedRound finished) {
    finished.paused = true;
    return finished;
}

class TargetTest : public testing::Test {
  protected:
    bool end(FinishedRound finished) { return target.round_ended(std::move(finished), siblings); }
    Cause cause() const { return target.status()->verdict->decision.cause; }

    checks::Siblings siblings;
    Target target{0, orders(2)};
};

TEST_F(TargetTest, HasNoVerdictBeforeItsFirstRound) {
    EXPECT_FALSE(target.has_verdict());
    EXPECT_FALSE(target.status()->healthy.has_value());
}

TEST_F(TargetTest, SaysSinceWhenItFailsUndamped) {
    end(round(true));
    EXPECT_FALSE(target.status()->failing_since.has_value());
    FinishedRound failed = round(false);
    failed.started += 30s;
    const auto since = failed.started;
    end(std::move(failed));
    EXPECT_EQ(target.status()->failing_since, since);
    end(round(true));
    EXPECT_FALSE(target.status()->failing_since.has_value());
}

/// An endpoint at the target's address that waits for acceptance; read then.
TargetReadingsPtr waiting_endpoint(std::chrono::system_clock::time_point read_at) {
    control::Readings all;
    control::Endpoint& endpoint = all.facts.endpoints.emplace_back();
    endpoint.origin = {"acme", std::chrono::floor<std::chrono::milliseconds>(read_at)};
    endpoint.id = "vpce-1";
    endpoint.state = control::ConnectionState::waiting;
    endpoint.interfaces.items.emplace_back().addresses = {*IpAddress::parse("10.0.0.4")};
    auto readings = std::make_shared<TargetReadings>();
    readings->all = std::make_shared<const control::Readings>(std::move(all));
    return readings;
}

TEST_F(TargetTest, WhatAccountsSaidSinceItFailsDecides) {
    FinishedRound stale = round(false);
    stale.readings = waiting_endpoint(stale.started - 1s);
    end(std::move(stale));
    EXPECT_EQ(cause(), Cause::syn_unanswered) << "what is older than the failure proves nothing";
    FinishedRound known = round(false);
    known.readings = waiting_endpoint(known.started + 5s);
    const TargetReadingsPtr readings = known.readings;
    end(std::move(known));
    EXPECT_EQ(cause(), Cause::connection_pending);
    EXPECT_EQ(target.status()->readings, readings);
}

TEST_F(TargetTest, TheDiagnosisIsTheLatestRoundsAndTheHealthDamped) {
    end(round(true));
    end(round(false));
    EXPECT_EQ(cause(), Cause::syn_unanswered);
    EXPECT_EQ(target.status()->healthy, true);
    EXPECT_TRUE(target.status()->verdict->healthy);
    end(round(false));
    EXPECT_EQ(target.status()->healthy, false);
    EXPECT_FALSE(target.status()->verdict->healthy);
}

TEST_F(TargetTest, ARoundThatCouldNotBeMadeLeavesTheHealthAlone) {
    end(not_made());
    EXPECT_FALSE(target.status()->healthy.has_value());
    EXPECT_EQ(cause(), Cause::local_limit);
    end(round(true));
    end(not_made());
    end(not_made());
    EXPECT_EQ(cause(), Cause::local_limit);
    EXPECT_EQ(target.status()->healthy, true);
}

TEST_F(TargetTest, HealthSinceMovesWithTheHealthAlone) {
    end(round(true));
    const auto since = target.status()->standing.health_since;
    FinishedRound later = round(true);
    later.started += 60s;
    end(std::move(later));
    EXPECT_EQ(target.status()->standing.health_since, since);
    for (const auto after : {120s, 180s}) {
        FinishedRound failed = round(false);
        failed.started += after;
        end(std::move(failed));
    }
    EXPECT_EQ(target.status()->standing.health_since, since + 180s);
}

TEST_F(TargetTest, WhatIsUnhealthyKnowsWhenItWasLastHealthy) {
    end(round(true));
    EXPECT_FALSE(target.status()->standing.last_healthy.has_value());
    const auto first = target.status()->standing.round_started;
    for (const auto after : {60s, 120s, 180s}) {
        FinishedRound failed = round(false);
        failed.started += after;
        end(std::move(failed));
    }
    // The first failure is not counted yet.
    EXPECT_EQ(target.status()->standing.last_healthy, first + 60s);
}

TEST_F(TargetTest, GoesOnFromWhatIsRemembered) {
    const auto now = round(true).started;
    target.remember({true, now - 72h, now - 30s});
    end(not_made());
    end(round(true));
    EXPECT_EQ(target.status()->standing.health_since, now - 72h);
}

TEST_F(TargetTest, WhatTurnedBadWhileNobodyLookedWasLastHealthyThen) {
    const auto now = round(true).started;
    target.remember({true, now - 72h, now - 1h});
    end(round(false));
    EXPECT_EQ(target.status()->healthy, false);
    EXPECT_EQ(target.status()->standing.health_since, now);
    EXPECT_EQ(target.status()->standing.last_healthy, now - 1h);
}

TEST_F(TargetTest, AnOutageThatIsRememberedGoesOn) {
    const auto now = round(true).started;
    target.remember({false, now - 1h, now - 2h});
    end(round(false));
    EXPECT_EQ(target.status()->standing.health_since, now - 1h);
    EXPECT_EQ(target.status()->standing.last_healthy, now - 2h);
}

TEST_F(TargetTest, AnotherConfigurationOfTheSameNameGoesOn) {
    end(round(true));
    const auto since = target.status()->standing.health_since;
    target.replace(orders(2));
    FinishedRound later = round(true);
    later.started += 60s;
    end(std::move(later));
    EXPECT_EQ(target.status()->standing.health_since, since);
}

TEST_F(TargetTest, WhatWasNeverHealthySaysNoTimeOfIt) {
    end(round(false));
    end(round(false));
    ASSERT_EQ(target.status()->healthy, false);
    EXPECT_FALSE(target.status()->standing.last_healthy.has_value());
}

TEST_F(TargetTest, CountsProbesByOutcome) {
    end(round(true));
    end(round(false));
    end(round(true));
    const auto& counts = target.status()->probes_total;
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0].outcome, checks::Outcome::ok);
    EXPECT_EQ(counts[0].count, 2U);
    EXPECT_EQ(counts[1].count, 1U);
}

TEST_F(TargetTest, AnExperimentIsNoProbeOfTheTarget) {
    FinishedRound failed = round(false);
    failed.measured.follow_ups = follow_up();
    end(failed);
    EXPECT_EQ(target.status()->verdict->follow_ups.size(), 1U);
    ASSERT_EQ(target.status()->probes_total.size(), 1U);
    EXPECT_EQ(target.status()->probes_total[0].outcome, checks::Outcome::timeout);
    EXPECT_EQ(target.status()->probes_total[0].count, 1U);
}

TEST_F(TargetTest, WhatExperimentsShowedOverAPauseIsForgotten) {
    const FailurePicture silent = picture_of({checks::Fact::tcp_timeout}, {});
    end(round(true));
    target.follow_ups()->made(silent, follow_up());
    end(round(false));
    EXPECT_FALSE(target.follow_ups()->due(silent));
    end(paused(round(false)));
    EXPECT_TRUE(target.follow_ups()->due(silent));
}

TEST_F(TargetTest, ARoundOfTheTargetBeforeKeepsItsMemoryToItself) {
    const FailurePicture silent = picture_of({checks::Fact::tcp_timeout}, {});
    const std::shared_ptr<FollowUpMemory> under_way = target.follow_ups();
    target.replace(orders(2));
    under_way->made(silent, follow_up());
    EXPECT_TRUE(target.follow_ups()->due(silent));
}

TEST_F(TargetTest, AdjustingKeepsStateAndReplacingDoesNot) {
    end(round(true));
    target.adjust(orders(5));
    EXPECT_EQ(target.version(), 0U);
    EXPECT_TRUE(target.has_verdict());
    EXPECT_EQ(target.status()->target->head().failure_threshold, 5U);
    target.replace(orders(5));
    EXPECT_EQ(target.version(), 1U);
    EXPECT_FALSE(target.has_verdict());
    EXPECT_TRUE(target.status()->probes_total.empty());
}

TEST_F(TargetTest, AFailureOverAPauseSaysNothingOnce) {
    end(round(true));
    const TargetStatusPtr before = target.status();
    EXPECT_FALSE(end(paused(round(false))));
    EXPECT_EQ(target.status(), before);
    EXPECT_TRUE(end(paused(round(false)))) << "a VM that is always behind must not be silent";
    EXPECT_EQ(cause(), Cause::syn_unanswered);
    EXPECT_FALSE(end(paused(round(false))));
}

TEST_F(TargetTest, ASuccessOverAPauseCounts) {
    end(round(true));
    const TargetStatusPtr before = target.status();
    EXPECT_TRUE(end(paused(round(true))));
    EXPECT_NE(target.status(), before);
}

TEST_F(TargetTest, EachRoundAddsToTheSparkline) {
    end(round(true));
    end(round(false));
    EXPECT_EQ(target.status()->rtt.values().size(), 2U);
    target.replace(orders(5));
    EXPECT_TRUE(target.status()->rtt.values().empty());
}

TEST_F(TargetTest, TheFirstRoundCountsHoweverItWasMade) {
    EXPECT_TRUE(end(paused(round(false))));
    EXPECT_TRUE(target.has_verdict());
}

}  // namespace
}  // namespace whylink::daemon
