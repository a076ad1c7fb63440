#include "daemon/log/loop_stalls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const StallWatch::Clock::time_point start{1h};

StallWatch::Beat held_up(std::chrono::milliseconds late, std::chrono::milliseconds computed,
                         probes::LongPiece longest = {}) {
    return {late, computed, std::move(longest)};
}

TEST(LoopStalls, AStallIsCountedAndItsCulpritNamed) {
    StallWatch watch;
    const auto record = watch.beat(held_up(180ms, 200ms, {170ms, "TLS handshake with 10.0.0.7:443"}), start);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->event, "loop_stall");
    EXPECT_EQ(record->level, config::LogLevel::warn);
    EXPECT_EQ(record->message,
              "event loop blocked for 0.18 s: 0.17 s in TLS handshake with 10.0.0.7:443; all targets waited");
    EXPECT_EQ(watch.stalls().count(), 1U);
    EXPECT_NEAR(watch.stalls().sum(), 0.18, 1e-9);
}

TEST(LoopStalls, APieceThatBeganJustAfterABeatCountsWhole) {
    StallWatch watch;
    EXPECT_TRUE(watch.beat(held_up(20ms, 90ms, {70ms, "judgement of db"}), start));
    EXPECT_NEAR(watch.stalls().sum(), 0.07, 1e-9);
}

TEST(LoopStalls, WhatIsNotMeasuredHasNoName) {
    StallWatch watch;
    const auto record = watch.beat(held_up(100ms, 100ms), start);
    ASSERT_TRUE(record);
    EXPECT_THAT(record->message, HasSubstr("no single task took long"));
}

TEST(LoopStalls, ShortWaitsAndAHostThatStandsStillAreNone) {
    StallWatch watch;
    EXPECT_FALSE(watch.beat(held_up(49ms, 49ms), start));
    EXPECT_FALSE(watch.beat(held_up(3000ms, 1ms), start)) << "suspended, and nothing computed";
    EXPECT_EQ(watch.stalls().count(), 0U);
}

TEST(LoopStalls, OneLineAMinuteCountsTheOthers) {
    StallWatch watch;
    EXPECT_TRUE(watch.beat(held_up(100ms, 100ms), start));
    EXPECT_FALSE(watch.beat(held_up(100ms, 100ms), start + 1s));
    EXPECT_FALSE(watch.beat(held_up(100ms, 100ms), start + 2s));
    const auto record = watch.beat(held_up(100ms, 100ms), start + StallWatch::repeated_after);
    ASSERT_TRUE(record);
    EXPECT_THAT(record->message, HasSubstr("; 2 more stalls since the previous line"));
    EXPECT_EQ(watch.stalls().count(), 4U);
    const auto later = watch.beat(held_up(100ms, 100ms), start + 2 * StallWatch::repeated_after);
    ASSERT_TRUE(later);
    EXPECT_THAT(later->message, Not(HasSubstr("more stalls")));
}

TEST(LoopTime, TheLongestPieceOfThisThreadIsKept) {
    static_cast<void>(probes::take_longest_piece());
    EXPECT_FALSE(probes::is_longest_piece(1ms)) << "not worth a name";
    EXPECT_TRUE(probes::is_longest_piece(20ms));
    probes::note_longest_piece(20ms, "a");
    EXPECT_FALSE(probes::is_longest_piece(15ms));
    EXPECT_TRUE(probes::is_longest_piece(21ms));
    EXPECT_EQ(probes::take_longest_piece().what, "a");
    EXPECT_EQ(probes::take_longest_piece().what, "");
}

}  // namespace
}  // namespace whylink::daemon
