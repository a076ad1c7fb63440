// What the change log says later than at once: of a target that flaps, and of one that stays unhealthy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/change_log.hpp"
#include "logged_changes.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using checks::Confidence;
using checks::Severity;
using config::LogLevel;
using fabricated::all_end;
using fabricated::believed;
using fabricated::expect_bounded;
using fabricated::field;
using fabricated::LoggedChanges;
using fabricated::of_event;
using fabricated::refused;
using fabricated::title;
using fabricated::unanswered;
using fabricated::well;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

constexpr int many = 10'000;

TEST(ChangeLogFlapping, IsToldSixTimesAndThenOnceAMinuteWithTheNumber) {
    LoggedChanges logged;
    logged.round("orders", well);
    logged.take();
    for (int i = 0; i < 7; ++i) {
        logged.round("orders", i % 2 == 0 ? refused : well);
        logged.pass(1s);
    }
    EXPECT_THAT(logged.take(), SizeIs(6));
    for (int i = 7; i < 600; ++i) {
        logged.round("orders", i % 2 == 0 ? refused : well);
        logged.pass(1s);
    }
    const auto records = logged.take();
    EXPECT_THAT(records, SizeIs(9));
    std::int64_t changes = 6;
    for (const Record& record : records) {
        changes += field<std::int64_t>(record, "changes").value_or(0);
        EXPECT_THAT(record.message, MatchesRegex(".* \\((59|60) changes in 1 min\\)"));
    }
    EXPECT_EQ(changes, 6 + 59 + 8 * 60);
    EXPECT_THAT(of_event(records, "suppressed"), IsEmpty());
}

TEST(ChangeLogFlapping, ThatStopsIsToldAsItIsAndLaterAtOnceAgain) {
    LoggedChanges logged;
    logged.round("orders", well);
    for (int i = 0; i < 21; ++i) {
        logged.round("orders", i % 2 == 0 ? refused : well);
        logged.pass(1s);
    }
    EXPECT_THAT(believed(logged), IsEmpty());
    logged.pass(1min);
    EXPECT_THAT(believed(logged), SizeIs(1));
    logged.pass(9min);
    logged.take();
    logged.round("orders", well);
    logged.round("orders", refused);
    logged.round("orders", well);
    EXPECT_THAT(logged.take(), SizeIs(3));
}

TEST(ChangeLogFlapping, OfOneLeavesTheOthersAlone) {
    LoggedChanges logged;
    for (int i = 0; i < 300; ++i) {
        logged.round("flapping", i % 2 == 0 ? refused : well);
        logged.pass(1s);
    }
    logged.take();
    logged.round("orders", refused);
    EXPECT_THAT(logged.take(), SizeIs(1));
}

TEST(ChangeLogReminder, ComesAnHourAfterTheLastWord) {
    LoggedChanges logged;
    logged.round("orders", refused);
    logged.round("fine", well);
    logged.pass(30min);
    logged.round("orders", unanswered);
    logged.take();
    logged.pass(1h - 1s);
    EXPECT_THAT(logged.take(), IsEmpty());
    logged.pass(1s);
    const auto records = logged.take();
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].level, LogLevel::error);
    EXPECT_EQ(records[0].event, "reminder");
    EXPECT_EQ(records[0].message, "still unhealthy orders: " + title(Cause::syn_unanswered) +
                                      " (medium) — what there is to say; look; since 12:00 UTC");
    EXPECT_THAT(records[0].details, IsEmpty());
    EXPECT_TRUE(field<std::vector<std::string>>(records[0], "evidence"));
    EXPECT_EQ(field<std::string>(records[0], "health_since"), "2026-01-01T12:00:00.000Z");
    logged.pass(1h);
    EXPECT_THAT(logged.take(), SizeIs(1));
    logged.round("orders", well);
    logged.take();
    logged.pass(3h);
    EXPECT_THAT(logged.take(), IsEmpty());
}

TEST(ChangeLogReminder, IsAlsoOfWhatCannotBeChecked) {
    LoggedChanges logged;
    logged.round("orders", {true, Cause::local_limit, Severity::critical, Confidence::high, false});
    logged.take();
    logged.pass(1h);
    const auto records = logged.take();
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_THAT(records[0].message, testing::StartsWith("still inconclusive orders: "));
    EXPECT_EQ(records[0].level, LogLevel::warn);
}

TEST(ChangeLogReminder, OfTenThousandIsSpreadAndReachesAll) {
    LoggedChanges logged;
    all_end(logged, refused, many);
    logged.pass(1h - 1s);
    logged.take();
    std::map<std::string, int> reminded;
    for (int second = 0; second < 3600; ++second) {
        logged.pass(1s);
        const auto records = logged.take();
        ASSERT_LE(records.size(), 5U);
        for (const Record& record : records) {
            ++reminded[field<std::string>(record, "name").value()];
        }
    }
    EXPECT_THAT(reminded, SizeIs(many));
    expect_bounded(logged);
}

TEST(ChangeLogReminder, LeavesRoomForChanges) {
    LoggedChanges logged;
    all_end(logged, refused, many);
    logged.pass(1h + 5min);
    logged.take();
    all_end(logged, unanswered, 90);
    EXPECT_THAT(of_event(logged.take(), "change"), SizeIs(90));
    logged.pass(3s);
    EXPECT_THAT(logged.take(), IsEmpty());
    logged.pass(10s);
    EXPECT_FALSE(of_event(logged.take(), "reminder").empty());
}

TEST(ChangeLogReminder, OutlivesAChangeThatWasUndoneUntold) {
    LoggedChanges logged;
    logged.round("orders", refused);
    logged.pass(1h - 2s);
    logged.take();
    all_end(logged, refused, 1000);
    logged.round("orders", well);
    logged.pass(10s);
    logged.round("orders", refused);
    logged.pass(5min);
    int reminders = 0;
    for (const Record& record : logged.take()) {
        if (field<std::string>(record, "name") == "orders") {
            EXPECT_EQ(record.event, "reminder");
            ++reminders;
        }
    }
    EXPECT_EQ(reminders, 1);
}

}  // namespace
}  // namespace whylink::daemon
