#include "daemon/control/read_schedule.hpp"

#include <gtest/gtest.h>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using Clock = ReadSchedule::Clock;

constexpr Clock::time_point start{1000s};

control::Time wall(std::chrono::seconds since) {
    return control::Time(1'800'000'000s + since);
}

class ReadScheduleTest : public testing::Test {
  protected:
    void read(Clock::time_point at, std::chrono::seconds at_wall, bool complete = true) {
        schedule.begin(wall(at_wall), at);
        schedule.ended(complete, at);
    }

    ReadSchedule schedule{15min, {.first = 5s, .gather = 1s, .least_between = 5s, .retry = 1min}, start};
};

TEST_F(ReadScheduleTest, ReadsSoonAfterTheStartAndThenEachInterval) {
    EXPECT_EQ(schedule.due(), start + 5s);
    EXPECT_EQ(schedule.begin(wall(5s), start + 5s), std::nullopt);
    schedule.ended(true, start + 6s);
    EXPECT_EQ(schedule.due(), start + 6s + 15min);
}

TEST_F(ReadScheduleTest, ANewFailureIsReadAtOnceWithThoseThatFollowIt) {
    read(start + 5s, 5s);
    schedule.failing(wall(60s), start + 61s);
    schedule.failing(wall(61s), start + 61s + 500ms);
    EXPECT_EQ(schedule.due(), start + 62s);
    EXPECT_EQ(schedule.begin(wall(62s), start + 62s), wall(61s)) << "what is older proves nothing";
}

TEST_F(ReadScheduleTest, AFailureThatWasReadIsNotReadAgain) {
    read(start + 5s, 5s);
    schedule.failing(wall(3s), start + 30s);
    EXPECT_EQ(schedule.due(), start + 5s + 15min);
}

TEST_F(ReadScheduleTest, FailuresOneAfterTheOtherDoNotCrowd) {
    read(start + 5s, 5s);
    schedule.failing(wall(6s), start + 6s);
    EXPECT_EQ(schedule.due(), start + 10s);
}

TEST_F(ReadScheduleTest, AFailureDuringAReadIsReadAfterIt) {
    schedule.begin(wall(5s), start + 5s);
    schedule.failing(wall(6s), start + 6s);
    schedule.ended(true, start + 30s);
    EXPECT_EQ(schedule.due(), start + 10s) << "it is overdue";
    EXPECT_EQ(schedule.begin(wall(30s), start + 30s), wall(6s));
}

TEST_F(ReadScheduleTest, WhatCouldNotBeReadIsTriedSoonAgain) {
    read(start + 5s, 5s, false);
    EXPECT_EQ(schedule.due(), start + 5s + 1min);
}

TEST_F(ReadScheduleTest, NotMoreOftenThanTheInterval) {
    ReadSchedule often(10s, {.first = 5s, .gather = 1s, .least_between = 5s, .retry = 1min}, start);
    often.begin(wall(5s), start + 5s);
    often.ended(false, start + 5s);
    EXPECT_EQ(often.due(), start + 15s);
}

}  // namespace
}  // namespace whylink::daemon
