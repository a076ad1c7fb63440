#include "daemon/commands/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/table/cause.hpp"
#include "checks/table/outcome.hpp"

namespace whylink::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

const HumanStyle plain{100, false, true};

TEST(Explain, ListsEveryOutcomeAndCause) {
    const std::string text = explain_all(plain);
    for (const auto& row : checks::outcome_texts()) {
        EXPECT_THAT(text, HasSubstr("\n  " + std::string(row.slug) + " "));
    }
    for (const auto& row : checks::cause_texts()) {
        EXPECT_THAT(text, HasSubstr("\n  " + std::string(row.slug) + " "));
    }
}

TEST(Explain, EverySlugHasAText) {
    for (const auto& row : checks::outcome_texts()) {
        EXPECT_THAT(explain(row.slug, plain).value_or(""), HasSubstr("What it means")) << row.slug;
    }
    for (const auto& row : checks::cause_texts()) {
        const std::string text = explain(row.slug, plain).value_or("");
        EXPECT_THAT(text, HasSubstr(std::string(row.title))) << row.slug;
        EXPECT_THAT(text, Not(HasSubstr("{"))) << row.slug;
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
