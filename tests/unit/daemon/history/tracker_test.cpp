// What changed before a failure, by data alone.
#include "daemon/history/tracker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto interval = 30s;

/// Rounds of one target, one each interval.
class HistoryTrackerTest : public testing::Test {
  protected:
    /// No `address`: no DNS server answered.
    TargetHistoryPtr round(bool passes, const std::string& address = "10.0.0.4",
                           Cause cause = Cause::syn_unanswered) {
        fabricated::EndpointEntry made =
            passes ? fabricated::healthy_endpoint("orders")
                   : fabricated::endpoint("orders", false, cause, checks::Severity::critical);
        made.verdict.probes = {};
        if (!address.empty()) {
            made.verdict.probes.push_back(fabricated::dns("db.example", {address}));
        }
        made.verdict.facts = {};
        if (passes) {
            made.verdict.facts.insert(checks::Fact::all_pass);
        }
        made.verdict.decision.by_itself = passes ? Cause::healthy : cause;
        made.evidence_file = evidence_file;
        TargetStatus status = fabricated::watched(std::move(made));
        elapsed += interval;
        status.standing.round_started = at() - status.standing.round_took;
        if (cause != Cause::local_limit) {
            const bool now_healthy = passes || !threshold_reached;
            health_since = healthy == now_healthy ? health_since : status.standing.round_started;
            healthy = now_healthy;
        }
        status.healthy = healthy;
        status.standing.health_since = health_since;
        return tracker.round_ended(status, now());
    }
    std::chrono::system_clock::time_point at() const { return noon() + elapsed; }
    std::chrono::steady_clock::time_point now() const {
        return std::chrono::steady_clock::time_point(1000s) + elapsed;
    }
    /// As the round that begins now would be judged by.
    checks::KnownPast past(const std::string& address = "10.0.0.4") const {
        checks::Assessment round;
        if (!address.empty()) {
            round.probes.push_back(fabricated::dns("db.example", {address}));
        }
        return tracker.past_of("orders", round, now());
    }
    void route(const std::string& value) { tracker.host_seen({{{What::route, {}}, value}}, at(), now()); }
    static std::vector<What> whats(const TargetHistoryPtr& history) {
        std::vector<What> all;
        for (const Change& change : history->changes) {
            all.push_back(change.what);
        }
        return all;
    }
    static std::vector<What> whats(const HistoryBatch& batch) {
        std::vector<What> all;
        for (const ChangeRecord& record : batch.changes) {
            all.push_back(record.change.what);
        }
        return all;
    }

    HistoryTracker tracker;
    std::chrono::seconds elapsed{};
    std::optional<bool> healthy;
    std::chrono::system_clock::time_point health_since;
    std::string evidence_file;      ///< of the rounds to come
    bool threshold_reached = true;  ///< of failed rounds
};

TEST_F(HistoryTrackerTest, KnowsWhatHasNeverBeenHealthy) {
    EXPECT_TRUE(past().never_healthy);
    round(false);
    EXPECT_TRUE(past().never_healthy);
    round(true);
    EXPECT_FALSE(past().never_healthy);
    EXPECT_EQ(past().healthy_for, 0s);
}

TEST_F(HistoryTrackerTest, KnowsHowLongItWasHealthyBeforeTheFailure) {
    for (int i = 0; i < 5; ++i) {
        round(true);
    }
    EXPECT_EQ(past().healthy_for, 4 * interval);
    round(false);
    round(false);
    EXPECT_EQ(past().healthy_for, 4 * interval);
    round(true);
    EXPECT_EQ(past().healthy_for, 0s) << "of the latest rounds in a row only";
}

TEST_F(HistoryTrackerTest, ARoundIsJudgedByWhatItWillBeToldWith) {
    tracker.host_seen({{{What::boot, {}}, "3f2a91c0"}}, at(), now());
    round(true);
    EXPECT_EQ(past().changed, checks::FactSet());
    EXPECT_EQ(past("10.0.0.9").changed, checks::FactSet{checks::Fact::address_changed});
    EXPECT_EQ(past("").changed, checks::FactSet()) << "what was not seen has not changed";
    tracker.host_seen({{{What::boot, {}}, "77aa0b1c"}}, at(), now());
    const checks::FactSet both{checks::Fact::address_changed, checks::Fact::host_rebooted};
    EXPECT_EQ(past("10.0.0.9").changed, both);
    for (int i = 0; i < 5; ++i) {
        round(false, "10.0.0.9");
        EXPECT_EQ(past("10.0.0.9").changed, both) << i;
    }
    round(true, "10.0.0.9");
    EXPECT_EQ(past("10.0.0.9").changed, checks::FactSet());
}

TEST_F(HistoryTrackerTest, AHealthyTargetHasNoChanges) {
    const auto history = round(true);
    EXPECT_THAT(history->changes, IsEmpty());
    EXPECT_EQ(history->last_healthy, history->since);
}

TEST_F(HistoryTrackerTest, AFailureIsToldWithWhatItsFirstRoundSaw) {
    const auto before = round(true);
    const auto history = round(false, "10.0.0.9");
    ASSERT_EQ(whats(history), std::vector{What::address});
    EXPECT_EQ(history->changes.front().from, "10.0.0.4");
    EXPECT_EQ(history->changes.front().to, "10.0.0.9");
    EXPECT_EQ(history->last_healthy, before->last_healthy);
    // What comes later in the outage did not cause it.
    EXPECT_EQ(round(false, "10.0.0.7")->changes, history->changes);
}

TEST_F(HistoryTrackerTest, WhatTheFirstFailedRoundCouldNotSeeIsToldByTheNextThatCan) {
    round(true);
    EXPECT_THAT(round(false, "")->changes, IsEmpty());
    EXPECT_THAT(whats(round(false, "10.0.0.9")), ElementsAre(What::address));
    round(true);
    for (int i = 0; i < 3; ++i) {
        round(false, "");
    }
    EXPECT_THAT(round(false, "10.0.0.8")->changes, IsEmpty()) << "so late it says nothing of the beginning";
}

TEST_F(HistoryTrackerTest, AFailureWithoutAChangeHasNone) {
    round(true);
    EXPECT_THAT(round(false)->changes, IsEmpty());
}

TEST_F(HistoryTrackerTest, AChangeThatWorkedIsNoReason) {
    round(true);
    round(true, "10.0.0.9");
    EXPECT_THAT(round(false, "10.0.0.9")->changes, IsEmpty());
}

TEST_F(HistoryTrackerTest, WhatWasNeverHealthyWasBrokenByNothing) {
    round(false);
    const auto history = round(false, "10.0.0.9");
    EXPECT_EQ(history->last_healthy, std::nullopt);
    EXPECT_THAT(history->changes, IsEmpty());
}

TEST_F(HistoryTrackerTest, AChangeOfThisHostCountsForEveryFailureAfterIt) {
    route("10.0.0.1 eth0");
    round(true);
    elapsed += 5s;
    route("10.9.0.1 tun0");
    EXPECT_THAT(whats(round(false)), ElementsAre(What::route));
}

TEST_F(HistoryTrackerTest, AChangeThatIsSeenJustAfterTheFailureCountsToo) {
    route("10.0.0.1 eth0");
    round(true);
    round(false);
    elapsed += 2s;
    route("10.9.0.1 tun0");
    EXPECT_THAT(whats(round(false)), ElementsAre(What::route));
    route("10.0.0.1 eth0");
    EXPECT_THAT(whats(round(false)), ElementsAre(What::route));
}

TEST_F(HistoryTrackerTest, AChangeBeforeTheLastHealthyRoundDoesNotCount) {
    route("10.0.0.1 eth0");
    round(true);
    route("10.9.0.1 tun0");
    round(true);
    EXPECT_THAT(round(false)->changes, IsEmpty());
}

TEST_F(HistoryTrackerTest, AReloadIsToldByTheKeysThatDiffer) {
    config::Endpoint endpoint;
    endpoint.name = "orders";
    endpoint.host = "db.example";
    endpoint.port = 9440;
    const config::Target before(endpoint);
    endpoint.port = 8443;
    const config::Target after(endpoint);
    tracker.configured(nullptr, before, at(), now());
    round(true);
    elapsed += 5s;
    tracker.configured(&before, after, at(), now());
    const auto history = round(false);
    ASSERT_EQ(whats(history), std::vector{What::config});
    EXPECT_EQ(history->changes.front().from, "port = 9440");
    EXPECT_EQ(history->changes.front().to, "port = 8443");
}

TEST_F(HistoryTrackerTest, AClockStepIsAChangeOfThisHost) {
    round(true);
    elapsed += 1s;
    tracker.clock_stepped(7200s, at(), now());
    const auto history = round(false);
    ASSERT_EQ(whats(history), std::vector{What::clock});
    EXPECT_EQ(history->changes.front().to, "+7200 s");
}

TEST_F(HistoryTrackerTest, ARoundThatCouldNotBeMadeSaysNothing) {
    round(true);
    const auto before = round(true);
    EXPECT_EQ(round(false, "10.0.0.9", Cause::local_limit), before);
    EXPECT_EQ(tracker.take().rounds.back().passed, std::nullopt);
}

// ---- what is written ----

TEST_F(HistoryTrackerTest, WritesAnOutageWithItsBeginAndItsEnd) {
    round(true);
    const auto failed = round(false);
    HistoryBatch batch = tracker.take();
    ASSERT_EQ(batch.outages.size(), 1U);
    EXPECT_EQ(batch.outages.front().since, failed->since);
    EXPECT_EQ(batch.outages.front().until, std::nullopt);
    EXPECT_EQ(batch.outages.front().cause, Cause::syn_unanswered);
    EXPECT_THAT(whats(batch), ElementsAre(What::cause, What::health));
    const auto mended = round(true);
    batch = tracker.take();
    ASSERT_EQ(batch.outages.size(), 1U);
    EXPECT_EQ(batch.outages.front().until, mended->since);
}

TEST_F(HistoryTrackerTest, ARoundThatChangesNothingIsARoundAlone) {
    round(true);
    tracker.take();
    round(true);
    const HistoryBatch batch = tracker.take();
    EXPECT_EQ(batch.rounds.size(), 1U);
    EXPECT_TRUE(batch.only_rounds());
}

TEST_F(HistoryTrackerTest, AnOutageKeepsWhatItsFirstRoundSaw) {
    round(true);
    round(false);
    const HistoryBatch batch = tracker.take();
    ASSERT_EQ(batch.outages.size(), 1U);
    EXPECT_NE(batch.outages.front().summary, "");
    round(false);
    EXPECT_THAT(tracker.take().outages, IsEmpty());
}

TEST_F(HistoryTrackerTest, EvidenceOfEachCauseBelongsToTheOutage) {
    round(true);
    evidence_file = "/e/one.pcapng";
    const auto failed = round(false);
    HistoryBatch batch = tracker.take();
    ASSERT_EQ(batch.evidence.size(), 1U);
    EXPECT_EQ(batch.evidence.front().file, "/e/one.pcapng");
    EXPECT_EQ(batch.evidence.front().outage, failed->since);
    EXPECT_EQ(batch.evidence.front().cause, Cause::syn_unanswered);
    round(false);
    EXPECT_THAT(tracker.take().evidence, IsEmpty());
    evidence_file = "/e/two.pcapng";
    round(false, "10.0.0.4", Cause::connection_refused);
    batch = tracker.take();
    ASSERT_EQ(batch.evidence.size(), 1U);
    EXPECT_EQ(batch.evidence.front().file, "/e/two.pcapng");
    EXPECT_EQ(batch.evidence.front().outage, failed->since);
    EXPECT_GT(batch.evidence.front().at, failed->since);
    EXPECT_EQ(batch.evidence.front().cause, Cause::connection_refused);
    EXPECT_THAT(batch.outages, IsEmpty());
}

TEST_F(HistoryTrackerTest, EvidenceOfRoundsBeforeTheThresholdBelongsToTheOutage) {
    round(true);
    threshold_reached = false;
    evidence_file = "/e/one.pcapng";
    round(false);
    EXPECT_THAT(tracker.take().evidence, IsEmpty());
    threshold_reached = true;
    evidence_file = "/e/two.pcapng";
    round(false, "10.0.0.4", Cause::connection_refused);
    const HistoryBatch batch = tracker.take();
    ASSERT_EQ(batch.outages.size(), 1U);
    ASSERT_EQ(batch.evidence.size(), 2U);
    EXPECT_EQ(batch.evidence[0].file, "/e/one.pcapng");
    EXPECT_EQ(batch.evidence[0].outage, batch.outages.front().since);
    EXPECT_EQ(batch.evidence[1].file, "/e/two.pcapng");
}

TEST_F(HistoryTrackerTest, AFailureThatComesAgainHasTheEvidenceOfItsFirst) {
    round(true);
    evidence_file = "/e/one.pcapng";
    round(false);
    round(true);
    tracker.take();
    const auto again = round(false);
    const HistoryBatch batch = tracker.take();
    ASSERT_EQ(batch.evidence.size(), 1U);
    EXPECT_EQ(batch.evidence.front().file, "/e/one.pcapng");
    EXPECT_EQ(batch.evidence.front().outage, again->since);
    EXPECT_LT(batch.evidence.front().at, again->since);
}

TEST_F(HistoryTrackerTest, EvidenceThatIsGoneOrOfNoOutageIsNotNamed) {
    round(true);
    threshold_reached = false;
    evidence_file = "/e/one.pcapng";
    round(false);
    tracker.evidence_gone({"/e/one.pcapng"});
    EXPECT_THAT(tracker.take().gone_evidence, ElementsAre("/e/one.pcapng"));
    evidence_file = "/e/two.pcapng";
    round(false);
    evidence_file.clear();
    round(true);
    threshold_reached = true;
    round(false);
    const HistoryBatch batch = tracker.take();
    EXPECT_EQ(batch.outages.size(), 1U);
    EXPECT_THAT(batch.evidence, IsEmpty());
}

// ---- a restart ----

TEST_F(HistoryTrackerTest, GoesOnAfterARestart) {
    StoredHistory stored;
    stored.host = {{{What::boot, {}}, "3f2a91c0"}};
    StoredTarget& target = stored.targets["orders"];
    target.health = {true, noon() - 72h, std::nullopt};
    target.run = daemon::Run{true, noon() - 72h, noon() - 1h, noon() - 1h};
    tracker.restore(std::move(stored));
    ASSERT_TRUE(tracker.health_of("orders").has_value());
    EXPECT_EQ(tracker.health_of("orders")->since, noon() - 72h);
    EXPECT_EQ(tracker.health_of("orders")->last_healthy, noon() - 1h);
    tracker.host_seen({{{What::boot, {}}, "b70c4412"}}, at(), now());
    healthy = true;
    const auto history = round(false);
    EXPECT_EQ(history->last_healthy, noon() - 1h);
    EXPECT_THAT(whats(history), ElementsAre(What::boot));
}

TEST_F(HistoryTrackerTest, AnOutageGoesOnAfterARestart) {
    StoredHistory stored;
    StoredTarget& target = stored.targets["orders"];
    target.health = {false, noon() - 1h, noon() - 2h};
    target.run = daemon::Run{false, noon() - 1h, noon() - 1h, noon() - 2h};
    target.outage_since = noon() - 1h;
    target.changes = {{noon() - 1h, What::address, "10.0.0.4", "10.0.0.9"}};
    tracker.restore(std::move(stored));
    healthy = false;
    route("10.0.0.1 eth0");
    route("10.9.0.1 tun0");
    const auto history = round(false);
    EXPECT_EQ(history->since, noon() - 1h);
    EXPECT_THAT(whats(history), ElementsAre(What::address));
    EXPECT_THAT(tracker.take().outages, IsEmpty());
    round(true);
    const HistoryBatch batch = tracker.take();
    ASSERT_EQ(batch.outages.size(), 1U);
    EXPECT_EQ(batch.outages.front().since, noon() - 1h);
}

TEST_F(HistoryTrackerTest, ForgetsWhatIsNoLongerConfigured) {
    round(true);
    tracker.keep_only({});
    EXPECT_EQ(tracker.health_of("orders"), std::nullopt);
}

}  // namespace
}  // namespace whylink::daemon
