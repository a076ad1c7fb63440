// When the follow-up tests of rounds that pass are due again, and what of the earlier ones stands.
#include "daemon/followups/routine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace whylink::daemon {
namespace {

using checks::Pace;
using checks::PlannedFollowUp;
using probes::FollowUp;
using testing::IsEmpty;
using testing::SizeIs;
using Clock = RoutineMemory::Clock;
using Plan = std::vector<PlannedFollowUp>;

const RoutineMemory::Addresses here{*IpAddress::parse("10.0.0.4")};
const RoutineMemory::Addresses elsewhere{*IpAddress::parse("10.0.0.5")};
const Clock::time_point start = Clock::time_point() + std::chrono::hours(1000);
constexpr std::chrono::seconds round{30};

PlannedFollowUp planned(FollowUp kind, Pace pace = Pace::passing_daily) {
    PlannedFollowUp made;
    made.kind = kind;
    made.pace = pace;
    return made;
}

/// One round at `now` that calls for `plan`; how many of it were made.
std::size_t pass(RoutineMemory& memory, Plan plan, Clock::time_point now,
                 const RoutineMemory::Kinds& found = {}, const RoutineMemory::Addresses& addresses = here) {
    if (!memory.is_time(addresses, now)) {
        return 0;
    }
    memory.keep_due(plan, now);
    std::vector<probes::FollowUpTest> results;
    for (const PlannedFollowUp& each : plan) {
        results.push_back({each.kind, {}, {}});
    }
    memory.made(plan, results, found, now);
    return plan.size();
}

/// Rounds until the test is repeated.
unsigned rounds_until_made(RoutineMemory& memory, const Plan& plan, Clock::time_point& now, unsigned most) {
    unsigned rounds = 0;
    do {
        now += round;
        ++rounds;
    } while (pass(memory, plan, now) == 0 && rounds < most);
    return rounds;
}

TEST(RoutineMemory, OnceADay) {
    RoutineMemory memory;
    const Plan plan{planned(FollowUp::large_hello)};
    Clock::time_point now = start;
    EXPECT_EQ(pass(memory, plan, now), 1U);
    const unsigned rounds_of_a_day = RoutineMemory::between / round;
    EXPECT_EQ(rounds_until_made(memory, plan, now, 10000), rounds_of_a_day);
    EXPECT_EQ(rounds_until_made(memory, plan, now, 10000), rounds_of_a_day);
}

TEST(RoutineMemory, OnceInTenRoundsWhileItFindsSomething) {
    RoutineMemory memory;
    const Plan plan{planned(FollowUp::large_hello)};
    Clock::time_point now = start;
    EXPECT_EQ(pass(memory, plan, now, {FollowUp::large_hello}), 1U);
    EXPECT_EQ(rounds_until_made(memory, plan, now, 100), RoutineMemory::rounds_between);
}

TEST(RoutineMemory, AgainAfterAFailureAndNotAtEach) {
    RoutineMemory memory;
    const Plan plan{planned(FollowUp::large_hello)};
    Clock::time_point now = start;
    EXPECT_EQ(pass(memory, plan, now), 1U);
    for (unsigned i = 0; i < RoutineMemory::rounds_between; ++i) {
        memory.failed();
        now += round;
    }
    EXPECT_EQ(pass(memory, plan, now += round), 1U);
    // The next failure follows at once.
    memory.failed();
    EXPECT_EQ(rounds_until_made(memory, plan, now, 100), RoutineMemory::rounds_between - 1);
    EXPECT_EQ(rounds_until_made(memory, plan, now, 100), 100U);
}

TEST(RoutineMemory, AtThePaceOfTheRow) {
    RoutineMemory memory;
    Clock::time_point now = start;
    const Plan plan{planned(FollowUp::repeat, Pace::passing)};
    EXPECT_EQ(pass(memory, plan, now), 1U);
    EXPECT_EQ(rounds_until_made(memory, plan, now, 100), RoutineMemory::rounds_between);
    const Plan always{planned(FollowUp::large_hello, Pace::every_round)};
    RoutineMemory eager;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(pass(eager, always, now += round), 1U);
    }
}

TEST(RoutineMemory, AnotherAddressIsAnotherPath) {
    RoutineMemory memory;
    const Plan plan{planned(FollowUp::large_hello)};
    EXPECT_EQ(pass(memory, plan, start), 1U);
    EXPECT_EQ(pass(memory, plan, start + round, {}, elsewhere), 1U);
    EXPECT_THAT(memory.standing(), IsEmpty());
}

TEST(RoutineMemory, WhatWasFoundStandsFromTheNextRoundOn) {
    RoutineMemory memory;
    const Plan plan{planned(FollowUp::large_hello)};
    pass(memory, plan, start, {FollowUp::large_hello});
    EXPECT_THAT(memory.standing(), IsEmpty());
    pass(memory, plan, start + round);
    EXPECT_THAT(memory.standing(), SizeIs(1));
}

TEST(RoutineMemory, WhatFoundNothingIsToldOnceUnlessItSettlesSomething) {
    RoutineMemory memory;
    const Plan plan{planned(FollowUp::large_hello), planned(FollowUp::local_acceptor)};
    pass(memory, plan, start);
    pass(memory, plan, start + round);
    ASSERT_THAT(memory.standing(), SizeIs(1));
    EXPECT_EQ(memory.standing()[0].kind, FollowUp::local_acceptor);
}

TEST(RoutineMemory, WhereNothingIsCalledForNothingIsAskedForADay) {
    RoutineMemory memory;
    EXPECT_EQ(pass(memory, {}, start), 0U);
    EXPECT_FALSE(memory.is_time(here, start + round));
    EXPECT_TRUE(memory.is_time(here, start + RoutineMemory::between));
}

TEST(RoutineMemory, ASecondKindIsDueByItself) {
    RoutineMemory memory;
    pass(memory, {planned(FollowUp::large_hello)}, start);
    Plan both{planned(FollowUp::large_hello), planned(FollowUp::large_hello_segments)};
    memory.keep_due(both, start);
    ASSERT_THAT(both, SizeIs(1));
    EXPECT_EQ(both[0].kind, FollowUp::large_hello_segments);
}

}  // namespace
}  // namespace whylink::daemon
