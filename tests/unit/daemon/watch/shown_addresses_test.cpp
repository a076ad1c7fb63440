#include "daemon/watch/shown_addresses.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using Clock = ShownAddresses::Clock;

constexpr Clock::time_point start{1000h};

IpAddress numbered(unsigned number) {
    return IpAddress::v4({10, 0, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)});
}

/// A round that probed these; those from `failing` on fail.
checks::Verdict round_of(unsigned first, unsigned count, unsigned failing = ~0U) {
    checks::Verdict verdict;
    for (unsigned number = first; number < first + count; ++number) {
        verdict.probes.push_back(fabricated::tcp(numbered(number).to_string()));
        verdict.probes.back().outcome = number >= failing ? checks::Outcome::timeout : checks::Outcome::ok;
    }
    return verdict;
}

TEST(ShownAddresses, AFewAllHaveSeries) {
    ShownAddresses shown(start);
    EXPECT_TRUE(shown.left_out_of(round_of(0, 16), start).empty());
    EXPECT_TRUE(shown.left_out_of(round_of(0, 0), start).empty());
}

TEST(ShownAddresses, OfMoreTheFirstHaveSeriesInEachRound) {
    ShownAddresses shown(start);
    for (int round = 0; round < 100; ++round) {
        const auto left_out = shown.left_out_of(round_of(0, 64), start + round * 10s);
        ASSERT_EQ(left_out.size(), 48U);
        EXPECT_EQ(left_out.front(), numbered(16)) << "the same ones each time";
    }
}

TEST(ShownAddresses, WhatFailsComesBeforeWhatWorks) {
    ShownAddresses shown(start);
    const auto left_out = shown.left_out_of(round_of(0, 20, 18), start);
    EXPECT_EQ(left_out, (std::vector{numbered(14), numbered(15), numbered(16), numbered(17)}));
}

TEST(ShownAddresses, ThoseThatHaveSeriesKeepThem) {
    ShownAddresses shown(start);
    EXPECT_TRUE(shown.left_out_of(round_of(0, 16), start).empty());
    const auto left_out = shown.left_out_of(round_of(0, 20, 16), start + 10s);
    EXPECT_EQ(left_out.front(), numbered(16)) << "although these fail";
}

TEST(ShownAddresses, AnswersThatChangeEachRoundMakeABoundedNumberOfSeries) {
    ShownAddresses shown(start);
    std::set<IpAddress> with_series;
    constexpr unsigned rounds = 3600;
    for (unsigned round = 0; round < rounds; ++round) {
        const auto left_out = shown.left_out_of(round_of(round * 16, 16), start + round * 1s);
        for (unsigned number = round * 16; number < round * 16 + 16; ++number) {
            if (std::ranges::find(left_out, numbered(number)) == left_out.end()) {
                with_series.insert(numbered(number));
            }
        }
    }
    EXPECT_LE(with_series.size(), 128U) << "64 at once, and 64 in the hour";
    EXPECT_GE(with_series.size(), 120U);
}

TEST(ShownAddresses, TakingTurnsIsNothingNew) {
    ShownAddresses shown(start);
    for (unsigned round = 0; round < 1000; ++round) {
        const bool all = shown.left_out_of(round_of(round % 4 * 16, 16), start + round * 1s).empty();
        ASSERT_TRUE(all) << round;
    }
}

}  // namespace
}  // namespace whylink::daemon
