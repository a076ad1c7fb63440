// How much the narrator says when much happens, and that in the end it has said the truth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "daemon/log/narrator.hpp"
#include "narrated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using checks::Cause;
using checks::Confidence;
using checks::Severity;
using config::LogLevel;
using fabricated::field;
using fabricated::Look;
using fabricated::Narrated;
using fabricated::refused;
using fabricated::unanswered;
using fabricated::well;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

constexpr int many = 10'000;

std::string name_of(int index) {
    return "t" + std::to_string(index);
}

void all_end(Narrated& narrated, const Look& look, int targets = many) {
    for (int i = 0; i < targets; ++i)
        narrated.round(name_of(i), look);
}

/// What shares the global bound.
bool is_bounded(const Record& record) {
    return record.level != LogLevel::debug && record.event != "suppressed";
}

/// In no stretch of time more than the burst and ten a second.
void expect_bounded(const Narrated& narrated) {
    // Equivalent to the bound on every stretch: the bucket never has less than nothing.
    double tokens = 100;
    Narrated::Clock::time_point before =
        narrated.all().empty() ? Narrated::Clock::time_point() : narrated.all().front().at;
    for (const Narrated::Said& said : narrated.all()) {
        if (!is_bounded(said.record))
            continue;
        tokens = std::min(100.0, tokens + 10 * std::chrono::duration<double>(said.at - before).count()) - 1;
        before = said.at;
        ASSERT_GE(tokens, -0.001);
    }
}

using Truth = std::map<std::string, std::pair<bool, std::string>>;  ///< name → health and cause

/// What a reader of the log believes: what it said last of each target, and of the others that all is well.
Truth believed(const Narrated& narrated) {
    Truth truth;
    for (const Narrated::Said& said : narrated.all()) {
        const auto name = field<std::string>(said.record, "name");
        if (!name)
            continue;
        const std::pair state(field<bool>(said.record, "healthy").value_or(false),
                              field<std::string>(said.record, "cause").value());
        truth[*name] = state;
    }
    std::erase_if(truth,
                  [](const auto& entry) { return entry.second == std::pair(true, std::string("healthy")); });
    return truth;
}

std::vector<Record> of_event(const std::vector<Record>& records, std::string_view event) {
    std::vector<Record> found;
    std::ranges::copy_if(records, std::back_inserter(found),
                         [event](const Record& record) { return record.event == event; });
    return found;
}

TEST(NarratorBurst, OfTenThousandIsBoundedEachSecondAndEndsInTheTruth) {
    Narrated narrated;
    all_end(narrated, well);
    narrated.pass(60s);
    narrated.take();
    all_end(narrated, refused);
    EXPECT_THAT(of_event(narrated.take(), "change"), SizeIs(100));
    for (int second = 0; second < 990; ++second) {
        narrated.pass(1s);
        ASSERT_THAT(of_event(narrated.take(), "change"), SizeIs(10)) << second;
    }
    narrated.pass(60s);
    EXPECT_THAT(narrated.take(), IsEmpty());
    const Truth truth = believed(narrated);
    EXPECT_THAT(truth, SizeIs(many));
    for (const auto& [name, state] : truth)
        ASSERT_EQ(state, std::pair(false, std::string("connection_refused"))) << name;
    expect_bounded(narrated);
}

TEST(NarratorBurst, ThatMendsInTheMiddleSpeaksOnlyOfThoseItHasTold) {
    Narrated narrated;
    all_end(narrated, well);
    all_end(narrated, refused);
    narrated.pass(60s);
    EXPECT_THAT(believed(narrated), SizeIs(700));
    narrated.take();
    all_end(narrated, well);
    narrated.pass(100s);
    const auto told = of_event(narrated.take(), "change");
    EXPECT_THAT(told, SizeIs(700));
    for (const Record& record : told)
        ASSERT_THAT(record.message, HasSubstr(" is healthy again after 1 min"));
    EXPECT_THAT(believed(narrated), IsEmpty());
    expect_bounded(narrated);
}

TEST(NarratorBurst, TellsTheOldestFirstAlsoBeforeNewChanges) {
    Narrated narrated;
    all_end(narrated, refused, 105);
    narrated.take();
    narrated.skip(100ms);
    narrated.round("late", refused);
    const auto first = narrated.take();
    ASSERT_THAT(first, SizeIs(1));
    EXPECT_EQ(field<std::string>(first[0], "name"), "t100");
    narrated.pass(1s);
    const auto rest = of_event(narrated.take(), "change");
    ASSERT_THAT(rest, SizeIs(5));
    EXPECT_EQ(field<std::string>(rest[0], "name"), "t101");
    EXPECT_EQ(field<std::string>(rest[4], "name"), "late");
}

TEST(NarratorBurst, TellsTheStateOfNowAndNotOfThen) {
    Narrated narrated;
    all_end(narrated, refused, 200);
    narrated.round("t150", unanswered);
    narrated.take();
    narrated.pass(20s);
    for (const Record& record : of_event(narrated.take(), "change")) {
        const bool changed = field<std::string>(record, "name") == "t150";
        EXPECT_EQ(field<std::string>(record, "cause"), changed ? "syn_unanswered" : "connection_refused");
        EXPECT_EQ(field<std::int64_t>(record, "changes"),
                  changed ? std::optional<std::int64_t>(2) : std::nullopt);
    }
    EXPECT_EQ(believed(narrated).at("t150").second, "syn_unanswered");
}

TEST(NarratorBurst, FirstRoundsThatAreHealthyUseNothingUp) {
    Narrated narrated;
    all_end(narrated, well);
    const auto first = narrated.take();
    EXPECT_THAT(first, SizeIs(100));
    narrated.round("broken", refused);
    EXPECT_THAT(narrated.take(), SizeIs(1));
    narrated.pass(60s);
    const auto rest = narrated.take();
    ASSERT_THAT(rest, SizeIs(1));
    EXPECT_EQ(rest[0].level, LogLevel::debug);
    EXPECT_EQ(rest[0].message, "9,900 more targets are healthy in the first round");
}

TEST(NarratorSuppression, SaysWhatItIsSilentAbout) {
    Narrated narrated;
    all_end(narrated, refused, 1000);
    for (int i = 900; i < 1000; ++i)
        narrated.round(name_of(i), unanswered);
    narrated.take();
    narrated.tick();
    const auto records = of_event(narrated.take(), "suppressed");
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].level, LogLevel::warn);
    EXPECT_EQ(records[0].message,
              "1,000 changes of 900 targets left out here, for there are too many at once: "
              "connection_refused 900, syn_unanswered 100; what lasts is told bit by bit (900 targets "
              "waiting), and all of it is in the report (`whylink status`, /api/v1/report)");
    EXPECT_EQ(field<std::int64_t>(records[0], "changes"), 1000);
    EXPECT_EQ(field<std::int64_t>(records[0], "targets"), 900);
    EXPECT_EQ(field<std::int64_t>(records[0], "waiting"), 900);
}

TEST(NarratorSuppression, IsSaidEveryTenSecondsAtMost) {
    Narrated narrated;
    std::vector<Narrated::Clock::time_point> said;
    for (int second = 0; second < 60; ++second) {
        all_end(narrated, second % 2 == 0 ? refused : unanswered, 500);
        narrated.pass(1s);
    }
    std::int64_t left_out = 0;
    for (const Narrated::Said& record : narrated.all()) {
        if (record.record.event != "suppressed")
            continue;
        said.push_back(record.at);
        left_out += field<std::int64_t>(record.record, "changes").value();
        EXPECT_LE(field<std::int64_t>(record.record, "targets").value(), 500);
    }
    ASSERT_THAT(said, SizeIs(6));
    for (std::size_t i = 1; i < said.size(); ++i)
        EXPECT_GE(said[i] - said[i - 1], 10s);
    EXPECT_GT(left_out, 20'000);
    expect_bounded(narrated);
}

TEST(NarratorSuppression, ATargetThatIsRemovedWhileItWaitsIsNeverTold) {
    Narrated narrated;
    all_end(narrated, refused, 300);
    for (int i = 250; i < 300; ++i)
        narrated.remove(name_of(i));
    narrated.pass(2h);
    const Truth truth = believed(narrated);
    EXPECT_THAT(truth, SizeIs(250));
    EXPECT_FALSE(truth.contains("t299"));
}

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
    all_end(narrated, refused);
    narrated.pass(1h - 1s);
    narrated.take();
    std::map<std::string, int> reminded;
    for (int second = 0; second < 3600; ++second) {
        narrated.pass(1s);
        const auto records = narrated.take();
        ASSERT_LE(records.size(), 5U);
        for (const Record& record : records)
            ++reminded[field<std::string>(record, "name").value()];
    }
    EXPECT_THAT(reminded, SizeIs(many));
    expect_bounded(narrated);
}

TEST(NarratorReminder, LeavesRoomForChanges) {
    Narrated narrated;
    all_end(narrated, refused);
    narrated.pass(1h + 5min);
    narrated.take();
    all_end(narrated, unanswered, 50);
    EXPECT_THAT(of_event(narrated.take(), "change"), SizeIs(50));
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

/// Whatever happens, then silence: bounded all the time, and in the end every target's state is known.
TEST(NarratorTruth, IsToldInTheEndWhateverHappens) {
    const std::vector<Look> looks{
        well,
        refused,
        unanswered,
        {true, Cause::connection_refused, Severity::critical, Confidence::high, false},
        {true, Cause::certificate_problem, Severity::warning},
        {false, Cause::one_address_failing, Severity::warning, Confidence::high, false},
        {true, Cause::local_limit, Severity::critical, Confidence::high, false},
        {true, Cause::intermittent, Severity::warning, Confidence::medium, true}};
    constexpr int targets = 600;
    std::mt19937 random(7);  // NOLINT: the same each time
    Narrated narrated;
    Truth truth;
    for (int second = 0; second < 900; ++second) {
        for (int i = 0; i < 60; ++i) {
            const std::string name = name_of(static_cast<int>(random() % targets));
            const Look& look = looks[random() % looks.size()];
            narrated.round(name, look);
            truth[name] = {*look.healthy, std::string(slug(look.cause))};
        }
        narrated.pass(1s);
    }
    narrated.pass(5min);
    std::erase_if(truth,
                  [](const auto& entry) { return entry.second == std::pair(true, std::string("healthy")); });
    EXPECT_EQ(believed(narrated), truth);
    expect_bounded(narrated);
}

}  // namespace
}  // namespace whylink::daemon
