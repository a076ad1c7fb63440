// What the log says of follow-up tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/change_log.hpp"
#include "daemon/log/change_records.hpp"
#include "logged_changes.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using checks::Outcome;
using config::LogLevel;
using fabricated::field;
using testing::ElementsAre;
using testing::SizeIs;

checks::JudgedFollowUp follow_up(std::chrono::system_clock::time_point started) {
    checks::JudgedProbe probe;
    probe.observation.stage = probes::Stage::tls;
    probe.observation.address = fabricated::address("10.0.0.4");
    probe.observation.port = 9440;
    probe.observation.started = started;
    probe.observation.took = 3ms;
    probe.observation.facts = probes::TlsFacts{};
    probe.outcome = Outcome::pending_allowlist;
    probe.counts = false;
    return {probes::FollowUp::proxy_v2, probe};
}

/// A failing endpoint, whose follow-up test was made so long after the beginning of the latest round.
TargetStatusPtr status(std::chrono::nanoseconds after) {
    fabricated::EndpointEntry report = fabricated::failing_endpoint("orders");
    const auto begun = std::chrono::system_clock::time_point(1'000'000s);
    report.verdict.follow_ups.push_back(
        follow_up(begun + std::chrono::duration_cast<std::chrono::system_clock::duration>(after)));
    auto made = std::make_shared<TargetStatus>();
    made->target = config::make_target(std::move(report.endpoint));
    made->verdict = std::make_shared<const checks::Verdict>(std::move(report.verdict));
    made->healthy = false;
    made->standing.round_started = begun;
    return made;
}

class ChangeLogFollowUps : public testing::Test {
  protected:
    std::vector<Record> said_of(const std::string& event) const { return fabricated::of_event(said, event); }

    std::vector<Record> said;
    const ChangeLog::Clock::time_point now = ChangeLog::Clock::time_point(1000h);
    ChangeLog change_log{[this](Record record) { said.push_back(std::move(record)); }, now,
                         fabricated::explained};
};

TEST_F(ChangeLogFollowUps, EachIsForDebuggingAndPartOfTheChange) {
    change_log.round_ended(status(1s), now);
    const auto records = said_of("experiment");
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].level, LogLevel::debug);
    EXPECT_EQ(records[0].message, "follow-up test proxy_v2 of orders: tls 10.0.0.4:9440: pending_allowlist");
    EXPECT_EQ(field<std::string>(records[0], "outcome"), "pending_allowlist");
    EXPECT_EQ(field<std::int64_t>(records[0], "port"), 9440);
    const auto changes = said_of("change");
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_EQ(changes[0].level, LogLevel::error);
    const auto experiments = field<std::vector<RecordRow>>(changes[0], "experiments");
    ASSERT_TRUE(experiments);
    EXPECT_THAT(*experiments, ElementsAre(RecordRow()
                                              .add("experiment", std::string("proxy_v2"))
                                              .add("stage", probes::Stage::tls)
                                              .add("address", std::string("10.0.0.4"))
                                              .add("port", 9440)
                                              .add("outcome", Outcome::pending_allowlist)
                                              .add("started_at", std::string("1970-01-12T13:46:41.000Z"))
                                              .add("duration_seconds", 0.003)));
}

TEST_F(ChangeLogFollowUps, WhatStandsOfAnEarlierRoundIsNotToldAgain) {
    change_log.round_ended(status(-10s), now);
    EXPECT_THAT(said_of("experiment"), SizeIs(0));
    EXPECT_THAT(said_of("change"), SizeIs(1));
}

TEST_F(ChangeLogFollowUps, AreBounded) {
    for (int i = 0; i < 1000; ++i) {
        change_log.round_ended(status(1s), now);
    }
    EXPECT_LE(said_of("experiment").size(), 100U);
}

}  // namespace
}  // namespace whylink::daemon
