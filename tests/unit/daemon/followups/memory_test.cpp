// When follow-up tests are due again, and what of the earlier ones stands.
#include "daemon/followups/memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace whylink::daemon {
namespace {

using checks::Fact;
using checks::FactSet;
using probes::FollowUp;
using testing::IsEmpty;
using testing::SizeIs;

IpAddress address(const char* text) {
    return *IpAddress::parse(text);
}

FailurePicture picture(FactSet facts, const char* at = "10.0.0.4") {
    return picture_of(facts, {address(at)});
}

const FactSet reset{Fact::address_fails, Fact::accepted_then_reset, Fact::tls_stage};
const FactSet silent{Fact::address_fails, Fact::tls_silent, Fact::tls_stage};

std::vector<probes::FollowUpTest> results(FollowUp kind) {
    return {{kind, {}}};
}

/// How many rounds of this picture go by until they are due.
unsigned rounds_until_due(FollowUpMemory& memory, const FailurePicture& failure) {
    unsigned rounds = 0;
    while (!memory.due(failure) && rounds < 100) {
        memory.standing(failure);
        ++rounds;
    }
    return rounds;
}

TEST(FollowUpMemory, TheFirstFailureIsDue) {
    const FollowUpMemory memory;
    EXPECT_TRUE(memory.due(picture(reset)));
}

TEST(FollowUpMemory, ThenOnceInTenRounds) {
    FollowUpMemory memory;
    for (int i = 0; i < 3; ++i) {
        memory.made(picture(reset), results(FollowUp::proxy_v2));
        EXPECT_EQ(rounds_until_due(memory, picture(reset)) + 1, FollowUpMemory::rounds_between);
    }
}

TEST(FollowUpMemory, ResultsStandWhileTheFailureLooksTheSame) {
    FollowUpMemory memory;
    memory.made(picture(reset), results(FollowUp::proxy_v2));
    for (unsigned i = 1; i < FollowUpMemory::rounds_between; ++i) {
        EXPECT_THAT(memory.standing(picture(reset)), SizeIs(1)) << i;
    }
    EXPECT_THAT(memory.standing(picture(silent)), IsEmpty());
}

TEST(FollowUpMemory, ResultsThatCannotBeRenewedDoNotStandForEver) {
    FollowUpMemory memory;
    memory.made(picture(reset), results(FollowUp::proxy_v2));
    unsigned rounds = 0;
    while (rounds < 100 && !memory.standing(picture(reset)).empty()) {
        ++rounds;
    }
    EXPECT_EQ(rounds, FollowUpMemory::rounds_standing);
}

TEST(FollowUpMemory, NewResultsReplaceTheOld) {
    FollowUpMemory memory;
    memory.made(picture(reset), results(FollowUp::proxy_v2));
    memory.made(picture(reset), results(FollowUp::other_name));
    const auto standing = memory.standing(picture(reset));
    ASSERT_THAT(standing, SizeIs(1));
    EXPECT_EQ(standing[0].kind, FollowUp::other_name);
}

TEST(FollowUpMemory, AChangedFailureIsDueAtOnceAndTheOneBeforeIsRemembered) {
    FollowUpMemory memory;
    memory.made(picture(reset), results(FollowUp::proxy_v2));
    EXPECT_TRUE(memory.due(picture(silent)));
    memory.made(picture(silent), results(FollowUp::small_segments));
    EXPECT_FALSE(memory.due(picture(reset)));
    EXPECT_EQ(memory.standing(picture(reset)).at(0).kind, FollowUp::proxy_v2);
    EXPECT_FALSE(memory.due(picture(silent)));
}

TEST(FollowUpMemory, AnotherAddressIsAnotherFailure) {
    FollowUpMemory memory;
    memory.made(picture(reset, "10.0.0.4"), results(FollowUp::proxy_v2));
    EXPECT_TRUE(memory.due(picture(reset, "10.0.0.5")));
    EXPECT_THAT(memory.standing(picture(reset, "10.0.0.5")), IsEmpty());
}

TEST(FollowUpMemory, AFailureThatAlwaysLooksOtherwiseIsNotLookedIntoInEachRound) {
    FollowUpMemory memory;
    unsigned times = 0;
    const unsigned rounds = 10 * FollowUpMemory::rounds_between;
    for (unsigned i = 0; i < rounds; ++i) {
        const std::string at = "10.0.1." + std::to_string(i);
        if (memory.due(picture(reset, at.c_str()))) {
            memory.made(picture(reset, at.c_str()), results(FollowUp::proxy_v2));
            ++times;
        } else {
            EXPECT_THAT(memory.standing(picture(reset, at.c_str())), IsEmpty());
        }
    }
    EXPECT_EQ(times, 10 * FollowUpMemory::max_pictures);
}

TEST(FollowUpMemory, AfterARoundThatPassedTheNextFailureIsNew) {
    FollowUpMemory memory;
    memory.made(picture(reset), results(FollowUp::proxy_v2));
    memory.forget();
    EXPECT_TRUE(memory.due(picture(reset)));
    EXPECT_THAT(memory.standing(picture(reset)), IsEmpty());
}

TEST(FollowUpMemory, WithoutAResultTheyAreDueAgain) {
    FollowUpMemory memory;
    memory.made(picture(reset), {});
    EXPECT_TRUE(memory.due(picture(reset)));
}

struct SameFailure {
    const char* name;
    FactSet one;
    FactSet other;
    bool same;
};

class PictureOfTest : public testing::TestWithParam<SameFailure> {};

TEST_P(PictureOfTest, HasWhatDecides) {
    EXPECT_EQ(picture(GetParam().one) == picture(GetParam().other), GetParam().same);
}

INSTANTIATE_TEST_SUITE_P(
    FollowUpMemory, PictureOfTest,
    testing::Values(
        SameFailure{"EndsByRstOrFin",
                    {Fact::address_fails, Fact::accepted_then_reset},
                    {Fact::address_fails, Fact::accepted_then_closed},
                    true},
        SameFailure{"BreaksByRstOrFin", {Fact::reset_after_bytes}, {Fact::closed_after_bytes}, true},
        SameFailure{
            "HowSoonARefusalCame", {Fact::tcp_refused}, {Fact::tcp_refused, Fact::tcp_refused_at_once}, true},
        SameFailure{"WhatTheCaptureMissed",
                    {Fact::accepted_then_reset},
                    {Fact::accepted_then_reset, Fact::reset_unexamined},
                    true},
        SameFailure{"ASynThatWasNotSeen", {Fact::tcp_timeout}, {Fact::tcp_timeout, Fact::syn_unseen}, true},
        SameFailure{"OneLossOrNone", {Fact::tls_silent}, {Fact::tls_silent, Fact::large_maybe_lost}, true},
        SameFailure{"ResetOrSilence", {Fact::accepted_then_reset}, {Fact::tls_silent}, false},
        SameFailure{
            "BeforeOrAfterTheFirstByte", {Fact::accepted_then_reset}, {Fact::reset_after_bytes}, false},
        SameFailure{"SomeAddressesWork",
                    {Fact::address_fails, Fact::tcp_timeout},
                    {Fact::address_fails, Fact::address_works, Fact::tcp_timeout},
                    false},
        SameFailure{"AForgedReset", {Fact::accepted_then_reset}, {Fact::reset_by_device}, false}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace whylink::daemon
