// What the change log says of one target. How much it says of many is in change_log_bounds_test.cpp, what it says
// later in change_log_later_test.cpp.
#include "daemon/log/change_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logged_changes.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using checks::Confidence;
using checks::Severity;
using config::LogLevel;
using fabricated::field;
using fabricated::LoggedChanges;
using fabricated::Look;
using fabricated::refused;
using fabricated::unanswered;
using fabricated::well;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Texts = std::vector<std::string>;

/// The only record since the last time.
Record only(LoggedChanges& logged) {
    auto records = logged.take();
    EXPECT_THAT(records, SizeIs(1));
    return records.empty() ? Record{} : records.front();
}

void expect_said(LoggedChanges& logged, LogLevel level, const std::string& message) {
    const Record record = only(logged);
    EXPECT_EQ(record.level, level);
    EXPECT_EQ(record.message, message);
}

TEST(ChangeLogFirstRound, ThatFindsATargetHealthyIsForDebugging) {
    LoggedChanges logged;
    logged.round("orders", well);
    const Record record = only(logged);
    EXPECT_EQ(record.level, LogLevel::debug);
    EXPECT_EQ(record.event, "change");
    EXPECT_EQ(record.message, "endpoint orders is healthy");
    EXPECT_THAT(record.details, IsEmpty());
    EXPECT_EQ(field<bool>(record, "was_healthy"), std::nullopt);
}

TEST(ChangeLogFirstRound, ThatFailsIsToldWithEverything) {
    LoggedChanges logged;
    logged.labels() = {{"environment", "prod"}, {"team", "payments"}};
    logged.round("orders", refused);
    const Record record = only(logged);
    EXPECT_EQ(record.level, LogLevel::error);
    EXPECT_EQ(record.message,
              "endpoint orders is unhealthy: connection refused (connection_refused, critical, high "
              "confidence): what there is to say");
    EXPECT_THAT(record.details,
                ElementsAre("seen: an RST", "seen: another", "could also be: local_firewall, no_route",
                            "do: 1. Look.", "do: 2. Wait.", "labels: environment=prod, team=payments"));
    EXPECT_EQ(field<std::string>(record, "kind"), "endpoint");
    EXPECT_EQ(field<std::string>(record, "name"), "orders");
    EXPECT_EQ(field<Texts>(record, "labels"), (Texts{"environment=prod", "team=payments"}));
    EXPECT_EQ(field<bool>(record, "healthy"), false);
    EXPECT_EQ(field<bool>(record, "was_healthy"), std::nullopt);
    EXPECT_EQ(field<std::string>(record, "cause"), "connection_refused");
    EXPECT_EQ(field<std::string>(record, "was_cause"), std::nullopt);
    EXPECT_EQ(field<std::string>(record, "severity"), "critical");
    EXPECT_EQ(field<std::string>(record, "confidence"), "high");
    EXPECT_EQ(field<std::string>(record, "summary"), "what there is to say");
    EXPECT_EQ(field<Texts>(record, "evidence"), (Texts{"an RST", "another"}));
    EXPECT_EQ(field<Texts>(record, "remediation"), (Texts{"Look.", "Wait."}));
    EXPECT_EQ(field<Texts>(record, "alternatives"), (Texts{"local_firewall", "no_route"}));
}

TEST(NarratorChange, IsToldOnceHoweverManyRoundsFollow) {
    LoggedChanges logged;
    for (int i = 0; i < 50; ++i) {
        logged.round("orders", refused);
        logged.pass(30s);
    }
    EXPECT_THAT(logged.take(), SizeIs(1));
}

TEST(NarratorChange, BackToHealthSaysAfterHowLong) {
    LoggedChanges logged;
    logged.round("orders", well);
    logged.round("orders", refused);
    logged.pass(170s);
    logged.round("orders", unanswered);
    logged.pass(30s);
    logged.take();
    logged.round("orders", well);
    const Record record = only(logged);
    EXPECT_EQ(record.level, LogLevel::info);
    EXPECT_EQ(record.message, "endpoint orders is healthy again after 3 min 20 s");
    EXPECT_THAT(record.details, IsEmpty());
    EXPECT_EQ(field<bool>(record, "healthy"), true);
    EXPECT_EQ(field<bool>(record, "was_healthy"), false);
    EXPECT_EQ(field<std::string>(record, "was_cause"), "syn_unanswered");
    EXPECT_EQ(field<std::int64_t>(record, "unhealthy_seconds"), 200);
}

TEST(NarratorChange, OfTheCauseAloneIsTold) {
    LoggedChanges logged;
    logged.round("orders", refused);
    logged.take();
    logged.round("orders", unanswered);
    const Record record = only(logged);
    EXPECT_EQ(record.message,
              "endpoint orders is unhealthy: TCP connect timeout (syn_unanswered, critical, "
              "medium confidence): what there is to say");
    EXPECT_EQ(field<bool>(record, "was_healthy"), false);
    EXPECT_EQ(field<std::string>(record, "was_cause"), "connection_refused");
    EXPECT_EQ(field<std::int64_t>(record, "unhealthy_seconds"), std::nullopt);
}

TEST(NarratorChange, OfSeverityOrConfidenceAloneIsTold) {
    LoggedChanges logged;
    Look look = refused;
    logged.round("orders", look);
    logged.take();
    look.severity = Severity::warning;
    logged.round("orders", look);
    expect_said(logged, LogLevel::warn,
                "endpoint orders is unhealthy: connection refused (connection_refused, warning, high "
                "confidence): what there is to say");
    look.confidence = Confidence::low;
    logged.round("orders", look);
    expect_said(logged, LogLevel::warn,
                "endpoint orders is unhealthy: connection refused (connection_refused, warning, low "
                "confidence): what there is to say");
}

TEST(NarratorChange, OfAZoneSaysSo) {
    LoggedChanges logged;
    Look look = refused;
    look.cause = Cause::wildcard_missing;
    logged.round("clickhouse-westus3", look, config::TargetKind::zone);
    const Record record = only(logged);
    EXPECT_THAT(record.message, testing::StartsWith("zone clickhouse-westus3 is unhealthy: no wildcard"));
    EXPECT_EQ(field<std::string>(record, "kind"), "zone");
}

TEST(NarratorChange, OfAWatchSaysWhatItLooksAt) {
    LoggedChanges logged;
    Look look = refused;
    look.cause = Cause::no_inbound_traffic;
    logged.round("saas", look, config::TargetKind::watch);
    const Record record = only(logged);
    EXPECT_THAT(record.message, testing::StartsWith("watch saas (inbound to port 6379) is unhealthy: "));
    EXPECT_EQ(field<std::string>(record, "kind"), "watch");
    EXPECT_EQ(field<std::string>(record, "name"), "saas");
}

TEST(NarratorChange, NamesTheFileOfThePackets) {
    LoggedChanges logged;
    Look look = refused;
    look.evidence_file = "/evidence/x.pcapng";
    logged.round("orders", look);
    const Record record = only(logged);
    EXPECT_THAT(record.details, testing::Contains("packets: /evidence/x.pcapng"));
    EXPECT_EQ(field<std::string>(record, "evidence_file"), "/evidence/x.pcapng");
    logged.round("orders", unanswered);
    EXPECT_EQ(field<std::string>(only(logged), "evidence_file"), std::nullopt);
}

TEST(NarratorWarning, OfAHealthyTargetIsAWarning) {
    LoggedChanges logged;
    logged.round("orders", well);
    logged.take();
    logged.round("orders", {true, Cause::certificate_problem, Severity::warning});
    expect_said(logged, LogLevel::warn,
                "endpoint orders is healthy with a warning (certificate_problem, warning, high confidence): "
                "what there is to say");
    logged.round("orders", well);
    expect_said(logged, LogLevel::info, "endpoint orders is healthy again");
}

TEST(NarratorWarning, OfTheRoundThatEndsABreakIsFollowedByThePlainlyHealthyOne) {
    LoggedChanges logged;
    logged.round("orders", refused);
    logged.take();
    logged.pass(5s);
    logged.round("orders", {true, Cause::healthy, Severity::warning});
    EXPECT_EQ(only(logged).level, LogLevel::warn);
    logged.round("orders", well);
    const Record plain = only(logged);
    EXPECT_EQ(plain.level, LogLevel::info);
    EXPECT_EQ(plain.message, "endpoint orders is healthy again");
    EXPECT_EQ(field<bool>(plain, "was_healthy"), true);
    EXPECT_EQ(field<std::string>(plain, "was_cause"), "healthy");
}

TEST(NarratorDamping, TellsTheFailedRoundAndThenTheTurn) {
    LoggedChanges logged;
    logged.round("orders", well);
    logged.take();
    Look first = refused;
    first.healthy = true;
    logged.round("orders", first);
    expect_said(logged, LogLevel::warn,
                "endpoint orders failed a round and is still counted healthy: connection refused "
                "(connection_refused, critical, high confidence): what there is to say");
    logged.round("orders", refused);
    const Record turn = only(logged);
    EXPECT_EQ(turn.level, LogLevel::error);
    EXPECT_EQ(field<bool>(turn, "was_healthy"), true);
    EXPECT_EQ(field<std::string>(turn, "was_cause"), "connection_refused");
    EXPECT_THAT(turn.message, testing::StartsWith("endpoint orders is unhealthy: connection refused"));
}

TEST(NarratorDamping, TellsThePassedRoundAndThenTheTurn) {
    LoggedChanges logged;
    logged.round("orders", refused);
    logged.take();
    Look passed = well;
    passed.healthy = false;
    logged.round("orders", passed);
    expect_said(logged, LogLevel::warn, "endpoint orders passed a round and is still counted unhealthy");
    logged.pass(5s);
    logged.round("orders", well);
    expect_said(logged, LogLevel::info, "endpoint orders is healthy again after 5 s");
}

TEST(NarratorRoundNotMade, SaysNothingAboutTheTarget) {
    const Look not_made{std::nullopt, Cause::local_limit, Severity::critical, Confidence::high, false};
    LoggedChanges logged;
    logged.round("orders", not_made);
    const Record record = only(logged);
    EXPECT_EQ(record.level, LogLevel::warn);
    EXPECT_EQ(record.message,
              "endpoint orders could not be checked, which says nothing about it: inconclusive: local error "
              "(local_limit, critical, high confidence): what there is to say");
    EXPECT_EQ(field<bool>(record, "healthy"), std::nullopt);

    logged.round("orders", refused);
    logged.take();
    Look again = not_made;
    again.healthy = false;
    logged.round("orders", again);
    EXPECT_EQ(only(logged).level, LogLevel::warn);
    logged.round("orders", refused);
    EXPECT_EQ(only(logged).level, LogLevel::error);
}

TEST(NarratorIntermittent, IsToldOnceWhileRoundsAlternate) {
    Look failed{true, Cause::intermittent, Severity::critical, Confidence::high, false};
    Look passed{true, Cause::intermittent, Severity::warning, Confidence::low, true};
    LoggedChanges logged;
    logged.round("orders", well);
    logged.take();
    for (int i = 0; i < 20; ++i) {
        logged.round("orders", i % 2 == 0 ? failed : passed);
        logged.pass(30s);
    }
    expect_said(
        logged, LogLevel::warn,
        "endpoint orders is still counted healthy: intermittent failures (intermittent, critical, high "
        "confidence): what there is to say");
    failed.healthy = false;
    logged.round("orders", failed);
    EXPECT_EQ(only(logged).level, LogLevel::error);
}

TEST(ChangeLogRemoved, ForgetsTheTarget) {
    LoggedChanges logged;
    logged.round("orders", refused);
    logged.remove("orders");
    logged.take();
    logged.pass(2h);
    EXPECT_THAT(logged.take(), IsEmpty());
    logged.round("orders", refused);
    EXPECT_EQ(field<bool>(only(logged), "was_healthy"), std::nullopt);
}

TEST(ChangeLogRemoved, OfTheOtherKindOrUnknownIsNothing) {
    std::vector<Record> said;
    ChangeLog change_log([&said](Record record) { said.push_back(std::move(record)); }, {});
    change_log.removed(config::TargetKind::zone, "orders");
    EXPECT_THAT(said, IsEmpty());
}

TEST(ChangeLogReload, TheSameNameOfTheOtherKindBeginsAnew) {
    LoggedChanges logged;
    logged.round("orders", refused);
    logged.take();
    logged.round("orders", refused, config::TargetKind::zone);
    const Record record = only(logged);
    EXPECT_EQ(field<std::string>(record, "kind"), "zone");
    EXPECT_EQ(field<bool>(record, "was_healthy"), std::nullopt);
    logged.pass(1h);
    EXPECT_THAT(only(logged).message, testing::StartsWith("zone orders is still unhealthy"));
}

}  // namespace
}  // namespace whylink::daemon
