#include "daemon/watch/pauses.hpp"

#include <gtest/gtest.h>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

const Pauses::Clock::time_point start{100s};

TEST(Pauses, SeesNoneWhileTheBeatIsKept) {
    Pauses pauses(start);
    auto now = start;
    for (int i = 0; i < 100; ++i) {
        now += Pauses::period + Pauses::grace;
        pauses.beat(now);
    }
    EXPECT_FALSE(pauses.since(start));
}

TEST(Pauses, SeesWhatLastsLongerThanTheGrace) {
    Pauses pauses(start);
    pauses.beat(start + 200ms);
    pauses.beat(start + 5s);
    EXPECT_TRUE(pauses.since(start));
    EXPECT_TRUE(pauses.since(start + 4999ms));
    EXPECT_FALSE(pauses.since(start + 5s)) << "what began when it was over";
}

TEST(Pauses, RemembersTheLatest) {
    Pauses pauses(start);
    pauses.beat(start + 5s);
    pauses.beat(start + 5s + 250ms);
    EXPECT_TRUE(pauses.since(start));
    EXPECT_FALSE(pauses.since(start + 5s + 1ms));
}

}  // namespace
}  // namespace whylink::daemon
