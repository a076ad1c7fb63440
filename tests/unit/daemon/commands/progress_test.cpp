#include "daemon/commands/progress.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

Progress progress_of(std::size_t done, std::size_t total) {
    return {.done = done, .total = total, .elapsed = 8'900ms};
}

TEST(ProgressText, SaysWhatIsWaitedFor) {
    const WaitingFor waiting{"TCP 10.0.0.11", "no SYN-ACK", 5s};
    Progress progress = progress_of(0, 1);
    progress.waiting = waiting;
    EXPECT_EQ(progress_text(progress, waiting.since + 3'700ms), "TCP 10.0.0.11: no SYN-ACK, 3 of 5 s");
    EXPECT_EQ(progress_text(progress, waiting.since + 6s), "TCP 10.0.0.11: no SYN-ACK, 5 of 5 s");
    progress.waiting->limit = 1'500ms;
    EXPECT_EQ(progress_text(progress, waiting.since + 1s), "TCP 10.0.0.11: no SYN-ACK, 1 of 1.5 s");
}

TEST(ProgressText, OfSeveralTargetsSaysHowManyAreDone) {
    Progress progress = progress_of(12, 43);
    EXPECT_EQ(progress_text(progress), "12 of 43 done, 8 s");
    progress.waiting = WaitingFor{"TLS fd00::4", "handshake not complete", 5s};
    EXPECT_EQ(progress_text(progress, progress.waiting->since + 2s),
              "12 of 43 done, 8 s; TLS fd00::4: handshake not complete, 2 of 5 s");
}

TEST(ProgressText, OfOneTargetThatWaitsForNothingSaysSo) {
    EXPECT_EQ(progress_text(progress_of(0, 1)), "0 of 1 done, 8 s");
}

TEST(ProgressLine, WritesNothingToAPipe) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    {
        ProgressLine line(ends[1]);
        line.show(progress_of(0, 1));
    }
    close(ends[1]);
    char byte = 0;
    EXPECT_EQ(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

TEST(Wait, StandsInTheListAsLongAsItLives) {
    const auto list = std::make_shared<WaitList>();
    {
        Wait first(list, "TCP", "10.0.0.4", "no SYN-ACK", 5s);
        const Wait second(list, "TCP", "10.0.0.5", "no SYN-ACK", 5s);
        EXPECT_EQ(list->front().where, "TCP 10.0.0.4");
        first.next("connected, no data from the server", 250ms);
        EXPECT_EQ(list->front().where, "TCP 10.0.0.5") << "what has been waited for longest comes first";
        EXPECT_EQ(list->back().where, "TCP 10.0.0.4");
        EXPECT_EQ(list->back().lacks, "connected, no data from the server");
        EXPECT_EQ(list->back().limit, 250ms);
    }
    EXPECT_TRUE(list->empty());
}

TEST(Wait, IsNowhereWithoutAList) {
    Wait wait(nullptr, "TCP", "10.0.0.4", "no SYN-ACK", 5s);
    wait.next("no data", 1s);
}

}  // namespace
}  // namespace whylink::daemon
