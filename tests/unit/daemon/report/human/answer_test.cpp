// Who has to act, and what.
#include "daemon/report/human/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using testing::ElementsAre;

Fix fix(Cause cause, std::vector<std::string> steps) {
    const ReportEntry entry =
        fabricated::entry(fabricated::endpoint("orders", false, cause, checks::Severity::critical));
    return fix_of(entry, std::move(steps));
}

TEST(Fix, IsForWhomTheCauseConcernsWhereNoStepSaysOtherwise) {
    const Fix found = fix(Cause::certificate_problem, {"Compare the dates.", "Service side: renew it."});
    EXPECT_EQ(found.actor, "service side");
    EXPECT_THAT(found.steps, ElementsAre("Compare the dates.", "Renew it."));
}

TEST(Fix, IsForWhoTakesTheFirstStep) {
    const Fix found =
        fix(Cause::certificate_problem, {"This host: check the clock.", "Service side: renew it."});
    EXPECT_EQ(found.actor, "your host");
    EXPECT_THAT(found.steps, ElementsAre("Check the clock.", "Service side: renew it."));
}

TEST(Fix, OfTheHostIsNotHeadedByThatOfTheService) {
    const Fix found = fix(Cause::local_limit, {"Service side: raise the limit.", "Your network: allow it."});
    EXPECT_EQ(found.actor, "service side");
    EXPECT_THAT(found.steps, ElementsAre("Raise the limit.", "Your network: allow it."));
}

}  // namespace
}  // namespace whylink::daemon
