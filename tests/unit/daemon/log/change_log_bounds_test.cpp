// How much the change log says when much happens, and that in the end it has said the truth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

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
using fabricated::drop_healthy;
using fabricated::expect_bounded;
using fabricated::field;
using fabricated::LoggedChanges;
using fabricated::Look;
using fabricated::name_of;
using fabricated::of_event;
using fabricated::refused;
using fabricated::Truth;
using fabricated::unanswered;
using fabricated::well;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int many = 10'000;

TEST(ChangeLogBurst, OfTenThousandIsBoundedEachSecondAndEndsInTheTruth) {
    LoggedChanges logged;
    all_end(logged, well, many);
    logged.pass(60s);
    logged.take();
    all_end(logged, refused, many);
    EXPECT_THAT(of_event(logged.take(), "change"), SizeIs(100));
    for (int second = 0; second < 990; ++second) {
        logged.pass(1s);
        ASSERT_THAT(of_event(logged.take(), "change"), SizeIs(10)) << second;
    }
    logged.pass(60s);
    EXPECT_THAT(logged.take(), IsEmpty());
    const Truth truth = believed(logged);
    EXPECT_THAT(truth, SizeIs(many));
    for (const auto& [name, state] : truth) {
        ASSERT_EQ(state, std::pair(false, std::string("connection_refused"))) << name;
    }
    expect_bounded(logged);
}

TEST(ChangeLogBurst, ThatMendsInTheMiddleSpeaksOnlyOfThoseItHasTold) {
    LoggedChanges logged;
    all_end(logged, well, many);
    all_end(logged, refused, many);
    logged.pass(60s);
    EXPECT_THAT(believed(logged), SizeIs(700));
    logged.take();
    all_end(logged, well, many);
    logged.pass(100s);
    const auto told = of_event(logged.take(), "change");
    EXPECT_THAT(told, SizeIs(700));
    for (const Record& record : told) {
        ASSERT_THAT(record.message, HasSubstr(": recovered after 1 min"));
    }
    EXPECT_THAT(believed(logged), IsEmpty());
    expect_bounded(logged);
}

TEST(ChangeLogBurst, TellsTheOldestFirstAlsoBeforeNewChanges) {
    LoggedChanges logged;
    all_end(logged, refused, 105);
    logged.take();
    logged.skip(100ms);
    logged.round("late", refused);
    const auto first = logged.take();
    ASSERT_THAT(first, SizeIs(1));
    EXPECT_EQ(field<std::string>(first[0], "name"), "t100");
    logged.pass(1s);
    const auto rest = of_event(logged.take(), "change");
    ASSERT_THAT(rest, SizeIs(5));
    EXPECT_EQ(field<std::string>(rest[0], "name"), "t101");
    EXPECT_EQ(field<std::string>(rest[4], "name"), "late");
}

TEST(ChangeLogBurst, TellsTheStateOfNowAndNotOfThen) {
    LoggedChanges logged;
    all_end(logged, refused, 200);
    logged.round("t150", unanswered);
    logged.take();
    logged.pass(20s);
    for (const Record& record : of_event(logged.take(), "change")) {
        const bool changed = field<std::string>(record, "name") == "t150";
        EXPECT_EQ(field<std::string>(record, "cause"), changed ? "syn_unanswered" : "connection_refused");
        EXPECT_EQ(field<std::int64_t>(record, "changes"),
                  changed ? std::optional<std::int64_t>(2) : std::nullopt);
    }
    EXPECT_EQ(believed(logged).at("t150").second, "syn_unanswered");
}

TEST(ChangeLogBurst, FirstRoundsThatAreHealthyUseNothingUp) {
    LoggedChanges logged;
    all_end(logged, well, many);
    const auto first = logged.take();
    EXPECT_THAT(first, SizeIs(100));
    logged.round("broken", refused);
    EXPECT_THAT(logged.take(), SizeIs(1));
    logged.pass(60s);
    const auto rest = logged.take();
    ASSERT_THAT(rest, SizeIs(1));
    EXPECT_EQ(rest[0].level, LogLevel::debug);
    EXPECT_EQ(rest[0].message, "healthy: first round passed for 9,900 more targets");
}

TEST(ChangeLogSuppression, SaysWhatItIsSilentAbout) {
    LoggedChanges logged;
    all_end(logged, refused, 1000);
    for (int i = 900; i < 1000; ++i) {
        logged.round(name_of(i), unanswered);
    }
    logged.take();
    logged.tick();
    const auto records = of_event(logged.take(), "suppressed");
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].level, LogLevel::warn);
    EXPECT_EQ(records[0].message,
              "too many changes to log: 1,000 changes of 900 targets left out — connection_refused 900, "
              "syn_unanswered 100; 900 targets wait for a line; run `whylink status` for all");
    EXPECT_EQ(field<std::vector<RecordRow>>(records[0], "causes"),
              (std::vector{RecordRow().add("cause", Cause::connection_refused).add("changes", 900),
                           RecordRow().add("cause", Cause::syn_unanswered).add("changes", 100)}));
    EXPECT_EQ(field<std::int64_t>(records[0], "changes"), 1000);
    EXPECT_EQ(field<std::int64_t>(records[0], "targets"), 900);
    EXPECT_EQ(field<std::int64_t>(records[0], "waiting"), 900);
}

TEST(ChangeLogSuppression, IsSaidEveryTenSecondsAtMost) {
    LoggedChanges logged;
    std::vector<LoggedChanges::Clock::time_point> said;
    for (int second = 0; second < 60; ++second) {
        all_end(logged, second % 2 == 0 ? refused : unanswered, 500);
        logged.pass(1s);
    }
    std::int64_t left_out = 0;
    for (const LoggedChanges::Said& record : logged.all()) {
        if (record.record.event != "suppressed") {
            continue;
        }
        said.push_back(record.at);
        left_out += field<std::int64_t>(record.record, "changes").value();
        const auto targets = field<std::int64_t>(record.record, "targets").value();
        EXPECT_TRUE(targets >= 400 && targets <= 500) << targets;
    }
    ASSERT_THAT(said, SizeIs(6));
    for (std::size_t i = 1; i < said.size(); ++i) {
        EXPECT_GE(said[i] - said[i - 1], 10s);
    }
    EXPECT_GT(left_out, 20'000);
    expect_bounded(logged);
}

TEST(ChangeLogSuppression, ATargetThatIsRemovedWhileItWaitsIsNeverTold) {
    LoggedChanges logged;
    all_end(logged, refused, 300);
    for (int i = 250; i < 300; ++i) {
        logged.remove(name_of(i));
    }
    logged.pass(2h);
    const Truth truth = believed(logged);
    EXPECT_THAT(truth, SizeIs(250));
    EXPECT_FALSE(truth.contains("t299"));
}

/// Whatever happens, then silence: bounded all the time, and in the end every target's state is known.
TEST(ChangeLogTruth, IsToldInTheEndWhateverHappens) {
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
    LoggedChanges logged;
    Truth truth;
    for (int second = 0; second < 900; ++second) {
        for (int i = 0; i < 60; ++i) {
            const std::string name = name_of(static_cast<int>(random() % targets));
            const Look& look = looks[random() % looks.size()];
            logged.round(name, look);
            truth[name] = {*look.healthy, std::string(slug(look.cause))};
        }
        logged.pass(1s);
    }
    logged.pass(5min);
    drop_healthy(truth);
    EXPECT_EQ(believed(logged), truth);
    expect_bounded(logged);
}

}  // namespace
}  // namespace whylink::daemon
