// What the narrator says later than at once: of a target that flaps, and of one that stays unhealthy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/narrator.hpp"
#include "narrated.hpp"

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
using fabricated::Narrated;
using fabricated::of_event;
using fabricated::refused;
using fabricated::unanswered;
using fabricated::well;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

constexpr int many = 10'000;

TEST(NarratorFlapping, IsToldSixTimesAndThenOnceAMinuteWithTheNumber) {
    Narrated narrated;
    narrated.round("orders", well);
    narrated.take();
    for (int i = 0; i < 7; ++i) {
        narrated.round("orders", i % 2 == 0 ? refused : well);
        narrated.pass(1s);
    }
    EXPECT_THAT(narrated.take(), SizeIs(6));
    for (int i = 7; i < 600; ++i) {
        narrated.round("orders", i % 2 == 0 ? refused : well);
        narrated.pass(1s);
    }
    const auto records = narrated.take();
    EXPECT_THAT(records, SizeIs(9));
    std::int64_t changes = 6;
    for (const Record& record : records) {
        changes += field<std::int64_t>(record, "changes").value_or(0);
        EXPECT_THAT(record.message, MatchesRegex(".* \\(changed (59|60) times in the last minute\\)"));
    }
    EXPECT_EQ(changes, 6 + 59 + 8 * 60);
    EXPECT_THAT(of_event(records, "suppressed"), IsEmpty());
}

TEST(NarratorFlapping, ThatStopsIsToldAsItIsAndLaterAtOnceAgain) {
    Narrated narrated;
    narrated.round("orders", well);
    for (int i = 0; i < 21; ++i) {
        narrated.round("orders", i % 2 == 0 ? refused : well);
        narrated.pass(1s);
    }
    EXPECT_THAT(believed(narrated), IsEmpty());
    narrated.pass(1min);
    EXPECT_THAT(believed(narrated), SizeIs(1));
    narrated.pass(9min);
    narrated.take();
    narrated.round("orders", well);
    narrated.round("orders", refused);
    narrated.round("orders", well);
    EXPECT_THAT(narrated.take(), SizeIs(3));
}

TEST(NarratorFlapping, OfOneLeavesTheOthersAlone) {
    Narrated narrated;
    for (int i = 0; i < 300; ++i) {
        narrated.round("flapping", i % 2 == 0 ? refused : well);
        narrated.pass(1s);
    }
    narrated.take();
    narrated.round("orders", refused);
    EXPECT_THAT(narrated.take(), SizeIs(1));
}

TEST(NarratorReminder, ComesAnHourAfterTheLastWord) {
    Narrated narrated;
    narrated.round("orders", refused);
    narrated.round("fine", well);
    narrated.pass(30min);
    narrated.round("orders", unanswered);
    narrated.take();
    narrated.pass(1h - 1s);
    EXPECT_THAT(narrated.take(), IsEmpty());
    narrated.pass(1s);
    const auto records = narrated.take();
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].level, LogLevel::error);
    EXPECT_EQ(records[0].event, "reminder");
    EXPECT_EQ(records[0].message,
              "endpoint orders is still unhealthy since 2026-01-01T12:00:00.000Z: connection attempts go "
              "unanswered (syn_unanswered, critical, medium confidence): what there is to say");
    EXPECT_THAT(records[0].details, IsEmpty());
    EXPECT_TRUE(field<std::vector<std::string>>(records[0], "evidence"));
    EXPECT_EQ(field<std::string>(records[0], "since"), "2026-01-01T12:00:00.000Z");
    narrated.pass(1h);
    EXPECT_THAT(narrated.take(), SizeIs(1));
    narrated.round("orders", well);
    narrated.take();
    narrated.pass(3h);
    EXPECT_THAT(narrated.take(), IsEmpty());
}

TEST(NarratorReminder, IsAlsoOfWhatCannotBeChecked) {
    Narrated narrated;
    narrated.round("orders", {true, Cause::local_limit, Severity::critical, Confidence::high, false});
    narrated.take();
    narrated.pass(1h);
    const auto records = narrated.take();
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_THAT(records[0].message, HasSubstr("still cannot be checked, which says nothing about it"));
    EXPECT_EQ(records[0].level, LogLevel::warn);
}

TEST(NarratorReminder, OfTenThousandIsSpreadAndReachesAll) {
    Narrated narrated;
    all_end(narrated, refused, many);
    narrated.pass(1h - 1s);
    narrated.take();
    std::map<std::string, int> reminded;
    for (int second = 0; second < 3600; ++second) {
        narrated.pass(1s);
        const auto records = narrated.take();
        ASSERT_LE(records.size(), 5U);
        for (const Record& record : records) {
            ++reminded[field<std::string>(record, "name").value()];
        }
    }
    EXPECT_THAT(reminded, SizeIs(many));
    expect_bounded(narrated);
}

TEST(NarratorReminder, LeavesRoomForChanges) {
    Narrated narrated;
    all_end(narrated, refused, many);
    narrated.pass(1h + 5min);
    narrated.take();
    all_end(narrated, unanswered, 90);
    EXPECT_THAT(of_event(narrated.take(), "change"), SizeIs(90));
    narrated.pass(3s);
    EXPECT_THAT(narrated.take(), IsEmpty());
    narrated.pass(10s);
    EXPECT_FALSE(of_event(narrated.take(), "reminder").empty());
}

TEST(NarratorReminder, OutlivesAChangeThatWasUndoneUntold) {
    Narrated narrated;
    narrated.round("orders", refused);
    narrated.pass(1h - 2s);
    narrated.take();
    all_end(narrated, refused, 1000);
    narrated.round("orders", well);
    narrated.pass(10s);
    narrated.round("orders", refused);
    narrated.pass(5min);
    int reminders = 0;
    for (const Record& record : narrated.take()) {
        if (field<std::string>(record, "name") == "orders") {
            EXPECT_EQ(record.event, "reminder");
            ++reminders;
        }
    }
    EXPECT_EQ(reminders, 1);
}

}  // namespace
}  // namespace whylink::daemon
