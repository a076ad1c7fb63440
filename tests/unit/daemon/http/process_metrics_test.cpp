#include "daemon/http/process_metrics.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <vector>

namespace whylink::daemon::http {
namespace {

TEST(ProcessMetrics, ThisProcessHasThemAll) {
    const ProcessFigures figures = process_figures();
    const auto now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    EXPECT_GT(figures.cpu_seconds.value(), 0);
    EXPECT_GT(figures.resident_bytes.value(), 100'000);
    EXPECT_GE(figures.virtual_bytes.value(), figures.resident_bytes.value());
    EXPECT_GE(figures.threads.value(), 1);
    EXPECT_LE(figures.start_time.value(), now);
    // A test that takes a day has other troubles.
    EXPECT_GT(figures.start_time.value(), now - 86'400);
    EXPECT_EQ(figures.start_time, process_figures().start_time);
}

TEST(ProcessMetrics, EachDescriptorCounts) {
    const double before = process_figures().open_fds.value();
    std::vector<int> descriptors;
    descriptors.reserve(5);
    for (int i = 0; i < 5; ++i) {
        descriptors.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    }
    EXPECT_EQ(process_figures().open_fds.value(), before + 5);
    for (const int descriptor : descriptors) {
        close(descriptor);
    }
    EXPECT_EQ(process_figures().open_fds.value(), before);
}

TEST(ProcessMetrics, WithoutADescriptorLeftOnlyTheFilesAreUnknown) {
    rlimit saved{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &saved), 0);
    rlimit none = saved;
    none.rlim_cur = 0;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    const ProcessFigures figures = process_figures();
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &saved), 0);
    EXPECT_FALSE(figures.open_fds.has_value());
    EXPECT_FALSE(figures.threads.has_value());
    EXPECT_EQ(figures.max_fds, 0);
    EXPECT_TRUE(figures.cpu_seconds.has_value());
}

TEST(ProcessMetrics, TheNameOfTheProgramMayHoldAnything) {
    const auto stat = parse_process_stat(
        "71 (a) 9 ((x) S 1 71 71 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 13 0 4242 8192000 512 "
        "18446744073709551615\n");
    ASSERT_TRUE(stat.has_value());
    EXPECT_EQ(stat->threads, 13);
    EXPECT_EQ(stat->start_ticks, 4242);
    EXPECT_EQ(stat->virtual_bytes, 8'192'000);
    EXPECT_EQ(stat->resident_pages, 512);
}

TEST(ProcessMetrics, WhatIsNoStatLineIsNothing) {
    for (const char* text : {"", "71", "71 (a) ", "71 (a) S", "71 (a) S 1 2 3",
                             "71 (a) S 1 71 71 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 x 0 4242 8192000 512 1",
                             "71 (a) S 1 71 71 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 13 0 4242 8192000"}) {
        EXPECT_FALSE(parse_process_stat(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace whylink::daemon::http
