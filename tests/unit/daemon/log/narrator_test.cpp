// What the narrator says of one target. How much it says of many is in narrator_bounds_test.cpp, what it says
// later in narrator_later_test.cpp.
#include "daemon/log/narrator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "narrated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using checks::Confidence;
using checks::Severity;
using config::LogLevel;
using fabricated::field;
using fabricated::Look;
using fabricated::Narrated;
using fabricated::refused;
using fabricated::unanswered;
using fabricated::well;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Texts = std::vector<std::string>;

/// The only record since the last time.
Record only(Narrated& narrated) {
    auto records = narrated.take();
    EXPECT_THAT(records, SizeIs(1));
    return records.empty() ? Record{} : records.front();
}

void expect_said(Narrated& narrated, LogLevel level, const std::string& message) {
    const Record record = only(narrated);
    EXPECT_EQ(record.level, level);
    EXPECT_EQ(record.message, message);
}

TEST(NarratorFirstRound, ThatFindsATargetHealthyIsForDebugging) {
    Narrated narrated;
    narrated.round("orders", well);
    const Record record = only(narrated);
    EXPECT_EQ(record.level, LogLevel::debug);
    EXPECT_EQ(record.event, "change");
    EXPECT_EQ(record.message, "endpoint orders is healthy");
    EXPECT_THAT(record.details, IsEmpty());
    EXPECT_EQ(field<bool>(record, "was_healthy"), std::nullopt);
}

TEST(NarratorFirstRound, ThatFailsIsToldWithEverything) {
    Narrated narrated;
    narrated.labels() = {{"environment", "prod"}, {"team", "payments"}};
    narrated.round("orders", refused);
    const Record record = only(narrated);
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
    Narrated narrated;
    for (int i = 0; i < 50; ++i) {
        narrated.round("orders", refused);
        narrated.pass(30s);
    }
    EXPECT_THAT(narrated.take(), SizeIs(1));
}

TEST(NarratorChange, BackToHealthSaysAfterHowLong) {
    Narrated narrated;
    narrated.round("orders", well);
    narrated.round("orders", refused);
    narrated.pass(170s);
    narrated.round("orders", unanswered);
    narrated.pass(30s);
    narrated.take();
    narrated.round("orders", well);
    const Record record = only(narrated);
    EXPECT_EQ(record.level, LogLevel::info);
    EXPECT_EQ(record.message, "endpoint orders is healthy again after 3 min 20 s");
    EXPECT_THAT(record.details, IsEmpty());
    EXPECT_EQ(field<bool>(record, "healthy"), true);
    EXPECT_EQ(field<bool>(record, "was_healthy"), false);
    EXPECT_EQ(field<std::string>(record, "was_cause"), "syn_unanswered");
    EXPECT_EQ(field<std::int64_t>(record, "unhealthy_seconds"), 200);
}

TEST(NarratorChange, OfTheCauseAloneIsTold) {
    Narrated narrated;
    narrated.round("orders", refused);
    narrated.take();
    narrated.round("orders", unanswered);
    const Record record = only(narrated);
    EXPECT_EQ(record.message,
              "endpoint orders is unhealthy: connection attempts go unanswered (syn_unanswered, critical, "
              "medium confidence): what there is to say");
    EXPECT_EQ(field<bool>(record, "was_healthy"), false);
    EXPECT_EQ(field<std::string>(record, "was_cause"), "connection_refused");
    EXPECT_EQ(field<std::int64_t>(record, "unhealthy_seconds"), std::nullopt);
}

TEST(NarratorChange, OfSeverityOrConfidenceAloneIsTold) {
    Narrated narrated;
    Look look = refused;
    narrated.round("orders", look);
    narrated.take();
    look.severity = Severity::warning;
    narrated.round("orders", look);
    expect_said(narrated, LogLevel::warn,
                "endpoint orders is unhealthy: connection refused (connection_refused, warning, high "
                "confidence): what there is to say");
    look.confidence = Confidence::low;
    narrated.round("orders", look);
    expect_said(narrated, LogLevel::warn,
                "endpoint orders is unhealthy: connection refused (connection_refused, warning, low "
                "confidence): what there is to say");
}

TEST(NarratorChange, OfAZoneSaysSo) {
    Narrated narrated;
    Look look = refused;
    look.cause = Cause::wildcard_missing;
    narrated.round("clickhouse-westus3", look, config::TargetKind::zone);
    const Record record = only(narrated);
    EXPECT_THAT(record.message, testing::StartsWith("zone clickhouse-westus3 is unhealthy: no wildcard"));
    EXPECT_EQ(field<std::string>(record, "kind"), "zone");
}

TEST(NarratorChange, OfAWatchSaysWhatItLooksAt) {
    Narrated narrated;
    Look look = refused;
    look.cause = Cause::no_inbound_traffic;
    narrated.round("saas", look, config::TargetKind::watch);
    const Record record = only(narrated);
    EXPECT_THAT(record.message, testing::StartsWith("watch saas (inbound to port 6379) is unhealthy: "));
    EXPECT_EQ(field<std::string>(record, "kind"), "watch");
    EXPECT_EQ(field<std::string>(record, "name"), "saas");
}

TEST(NarratorChange, NamesTheFileOfThePackets) {
    Narrated narrated;
    Look look = refused;
    look.evidence_file = "/evidence/x.pcapng";
    narrated.round("orders", look);
    const Record record = only(narrated);
    EXPECT_THAT(record.details, testing::Contains("packets: /evidence/x.pcapng"));
    EXPECT_EQ(field<std::string>(record, "evidence_file"), "/evidence/x.pcapng");
    narrated.round("orders", unanswered);
    EXPECT_EQ(field<std::string>(only(narrated), "evidence_file"), std::nullopt);
}

TEST(NarratorWarning, OfAHealthyTargetIsAWarning) {
    Narrated narrated;
    narrated.round("orders", well);
    narrated.take();
    narrated.round("orders", {true, Cause::certificate_problem, Severity::warning});
    expect_said(narrated, LogLevel::warn,
                "endpoint orders is healthy with a warning (certificate_problem, warning, high confidence): "
                "what there is to say");
    narrated.round("orders", well);
    expect_said(narrated, LogLevel::info, "endpoint orders is healthy again");
}

TEST(NarratorDamping, TellsTheFailedRoundAndThenTheTurn) {
    Narrated narrated;
    narrated.round("orders", well);
    narrated.take();
    Look first = refused;
    first.healthy = true;
    narrated.round("orders", first);
    expect_said(narrated, LogLevel::warn,
                "endpoint orders failed a round and is still counted healthy: connection refused "
                "(connection_refused, critical, high confidence): what there is to say");
    narrated.round("orders", refused);
    const Record turn = only(narrated);
    EXPECT_EQ(turn.level, LogLevel::error);
    EXPECT_EQ(field<bool>(turn, "was_healthy"), true);
    EXPECT_EQ(field<std::string>(turn, "was_cause"), "connection_refused");
    EXPECT_THAT(turn.message, testing::StartsWith("endpoint orders is unhealthy: connection refused"));
}

TEST(NarratorDamping, TellsThePassedRoundAndThenTheTurn) {
    Narrated narrated;
    narrated.round("orders", refused);
    narrated.take();
    Look passed = well;
    passed.healthy = false;
    narrated.round("orders", passed);
    expect_said(narrated, LogLevel::warn, "endpoint orders passed a round and is still counted unhealthy");
    narrated.pass(5s);
    narrated.round("orders", well);
    expect_said(narrated, LogLevel::info, "endpoint orders is healthy again after 5 s");
}

TEST(NarratorRoundNotMade, SaysNothingAboutTheTarget) {
    const Look not_made{std::nullopt, Cause::local_limit, Severity::critical, Confidence::high, false};
    Narrated narrated;
    narrated.round("orders", not_made);
    const Record record = only(narrated);
    EXPECT_EQ(record.level, LogLevel::warn);
    EXPECT_EQ(
        record.message,
        "endpoint orders could not be checked, which says nothing about it: the probe could not be made "
        "(local_limit, critical, high confidence): what there is to say");
    EXPECT_EQ(field<bool>(record, "healthy"), std::nullopt);

    narrated.round("orders", refused);
    narrated.take();
    Look again = not_made;
    again.healthy = false;
    narrated.round("orders", again);
    EXPECT_EQ(only(narrated).level, LogLevel::warn);
    narrated.round("orders", refused);
    EXPECT_EQ(only(narrated).level, LogLevel::error);
}

TEST(NarratorIntermittent, IsToldOnceWhileRoundsAlternate) {
    Look failed{true, Cause::intermittent, Severity::critical, Confidence::high, false};
    Look passed{true, Cause::intermittent, Severity::warning, Confidence::low, true};
    Narrated narrated;
    narrated.round("orders", well);
    narrated.take();
    for (int i = 0; i < 20; ++i) {
        narrated.round("orders", i % 2 == 0 ? failed : passed);
        narrated.pass(30s);
    }
    expect_said(narrated, LogLevel::warn,
                "endpoint orders is still counted healthy: fails now and then (intermittent, critical, high "
                "confidence): what there is to say");
    failed.healthy = false;
    narrated.round("orders", failed);
    EXPECT_EQ(only(narrated).level, LogLevel::error);
}

TEST(NarratorRemoved, ForgetsTheTarget) {
    Narrated narrated;
    narrated.round("orders", refused);
    narrated.remove("orders");
    narrated.take();
    narrated.pass(2h);
    EXPECT_THAT(narrated.take(), IsEmpty());
    narrated.round("orders", refused);
    EXPECT_EQ(field<bool>(only(narrated), "was_healthy"), std::nullopt);
}

TEST(NarratorRemoved, OfTheOtherKindOrUnknownIsNothing) {
    std::vector<Record> said;
    Narrator narrator([&said](Record record) { said.push_back(std::move(record)); }, {});
    narrator.removed(config::TargetKind::zone, "orders");
    EXPECT_THAT(said, IsEmpty());
}

TEST(NarratorReload, TheSameNameOfTheOtherKindBeginsAnew) {
    Narrated narrated;
    narrated.round("orders", refused);
    narrated.take();
    narrated.round("orders", refused, config::TargetKind::zone);
    const Record record = only(narrated);
    EXPECT_EQ(field<std::string>(record, "kind"), "zone");
    EXPECT_EQ(field<bool>(record, "was_healthy"), std::nullopt);
    narrated.pass(1h);
    EXPECT_THAT(only(narrated).message, testing::StartsWith("zone orders is still unhealthy"));
}

}  // namespace
}  // namespace whylink::daemon
