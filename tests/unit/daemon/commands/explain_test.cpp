#include "daemon/commands/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/table/outcome.hpp"
#include "checks/texts/causes.hpp"

namespace whylink::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

const HumanStyle plain{100, false, true};

TEST(Explain, ListsEveryOutcomeAndCause) {
    const std::string text = explain_all(plain);
    for (const std::string_view outcome : slugs_of<checks::Outcome>) {
        EXPECT_THAT(text, HasSubstr("\n  " + std::string(outcome) + " "));
    }
    for (const std::string_view cause : slugs_of<Cause>) {
        EXPECT_THAT(text, HasSubstr("\n  " + std::string(cause) + " "));
    }
}

TEST(Explain, EverySlugHasAText) {
    for (const std::string_view outcome : slugs_of<checks::Outcome>) {
        EXPECT_THAT(explain(outcome, plain).value_or(""), HasSubstr("What it means")) << outcome;
    }
    for (const checks::CauseText& row : checks::cause_texts()) {
        const std::string text = explain(slug(row.cause), plain).value_or("");
        EXPECT_THAT(text, HasSubstr(row.title)) << slug(row.cause);
        EXPECT_THAT(text, Not(HasSubstr("{"))) << slug(row.cause);
    }
}

TEST(Explain, ACauseHasItsSteps) {
    const std::string text = explain("not_on_allowlist", plain).value_or("");
    EXPECT_THAT(text, HasSubstr("How it is told apart\n"));
    EXPECT_THAT(text, HasSubstr("What to do\n   1. "));
}

TEST(Explain, AnUnknownSlugHasANeighbour) {
    EXPECT_EQ(explain("nxdomian", plain), std::nullopt);
    EXPECT_EQ(nearest_slug("nxdomian"), "nxdomain");
    EXPECT_EQ(nearest_slug("not-on-allowlist"), "not_on_allowlist");
}

}  // namespace
}  // namespace whylink::daemon
