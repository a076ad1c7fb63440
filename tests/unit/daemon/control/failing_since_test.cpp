#include "daemon/control/failing_since.hpp"

#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using checks::Outcome;

control::Time at(std::chrono::seconds since) {
    return control::Time(1'800'000'000s + since);
}

checks::Assessment round_with(Outcome outcome) {
    checks::Assessment round;
    round.probes = {fabricated::tcp("10.0.0.4")};
    round.probes[0].outcome = outcome;
    if (outcome == Outcome::ok) {
        round.facts = {checks::Fact::all_pass};
    }
    return round;
}

checks::Assessment round_not_made() {
    checks::Assessment round = round_with(Outcome::local_error);
    round.probes[0].observation.local = probes::LocalError{"socket", 24, "Too many open files"};
    return round;
}

TEST(FailingSinceTest, IsTheStartOfTheFirstRoundThatFailed) {
    FailingSince failing;
    failing.add(round_with(Outcome::ok), at(0s));
    EXPECT_EQ(failing.since(), std::nullopt);
    failing.add(round_with(Outcome::timeout), at(30s) + 500us);
    failing.add(round_with(Outcome::timeout), at(60s));
    EXPECT_EQ(failing.since(), at(30s));
    failing.add(round_with(Outcome::ok), at(90s));
    EXPECT_EQ(failing.since(), std::nullopt);
}

TEST(FailingSinceTest, AnotherOutcomeIsAnotherFailure) {
    FailingSince failing;
    failing.add(round_with(Outcome::timeout), at(30s));
    failing.add(round_with(Outcome::refused), at(60s));
    EXPECT_EQ(failing.since(), at(60s));
}

TEST(FailingSinceTest, OneThatComesBackIsTheSame) {
    FailingSince failing;
    failing.add(round_with(Outcome::timeout), at(30s));
    failing.add(round_with(Outcome::refused), at(60s));
    failing.add(round_with(Outcome::timeout), at(90s));
    EXPECT_EQ(failing.since(), at(60s)) << "what was read since then covers both";
}

TEST(FailingSinceTest, AFaultOfThisHostIsNoFailure) {
    FailingSince failing;
    failing.add(round_not_made(), at(30s));
    EXPECT_EQ(failing.since(), std::nullopt);
}

}  // namespace
}  // namespace whylink::daemon
