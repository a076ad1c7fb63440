#include "daemon/watch/histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

namespace whylink::daemon {
namespace {

using ::testing::ElementsAre;

constexpr std::array bounds{0.001, 0.1, 1.0};

TEST(Histogram, CountsIntoTheFirstBucketWhoseBoundIsNotExceeded) {
    Histogram histogram(bounds);
    for (const double seconds : {0.0005, 0.001, 0.0011, 0.5, 1.0, 1.5, 100.0}) {
        histogram.observe(seconds);
    }
    EXPECT_THAT(histogram.counts(), ElementsAre(2, 1, 2, 2));
    EXPECT_EQ(histogram.count(), 7U);
    EXPECT_DOUBLE_EQ(histogram.sum(), 103.0026);
}

TEST(Histogram, WhatIsNoDurationCountsAsZero) {
    Histogram histogram(bounds);
    histogram.observe(-1);
    histogram.observe(std::numeric_limits<double>::quiet_NaN());
    histogram.observe(-std::numeric_limits<double>::infinity());
    EXPECT_THAT(histogram.counts(), ElementsAre(3, 0, 0, 0));
    EXPECT_EQ(histogram.sum(), 0);
    EXPECT_EQ(histogram.count(), 3U);
}

TEST(Histogram, WithoutBoundsHasOneBucketForAll) {
    Histogram histogram;
    histogram.observe(3);
    EXPECT_THAT(histogram.bounds(), ElementsAre());
    EXPECT_THAT(histogram.counts(), ElementsAre(1));
    EXPECT_EQ(histogram.sum(), 3);
}

TEST(Histogram, TheContractsBoundsAreThere) {
    EXPECT_EQ(probe_duration_bounds().front(), 0.0005);
    EXPECT_EQ(probe_duration_bounds().back(), 10);
    EXPECT_EQ(scheduler_lag_bounds().front(), 0.0001);
    EXPECT_EQ(scheduler_lag_bounds().back(), 10);
    EXPECT_TRUE(std::ranges::is_sorted(probe_duration_bounds()));
    EXPECT_TRUE(std::ranges::is_sorted(scheduler_lag_bounds()));
}

}  // namespace
}  // namespace whylink::daemon
