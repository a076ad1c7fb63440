#include "checks/table/outcome.hpp"

#include <gtest/gtest.h>

#include <set>

namespace whylink::checks {
namespace {

TEST(Outcome, SlugsAreUniqueAndComeBack) {
    std::set<std::string_view> slugs;
    for (const OutcomeText& text : outcome_texts()) {
        EXPECT_EQ(slug(text.outcome), text.slug);
        EXPECT_EQ(outcome_from_slug(text.slug), text.outcome);
        EXPECT_TRUE(slugs.insert(text.slug).second) << text.slug;
    }
    EXPECT_EQ(slugs.size(), 27U);
    EXPECT_EQ(outcome_from_slug("no_such_outcome"), std::nullopt);
}

TEST(Outcome, EachHasItsTexts) {
    for (const OutcomeText& text : outcome_texts()) {
        EXPECT_FALSE(text.meaning.empty()) << text.slug;
        EXPECT_FALSE(text.told_apart.empty()) << text.slug;
    }
}

TEST(Outcome, OnlyOkAndExpiringPass) {
    for (const OutcomeText& text : outcome_texts()) {
        EXPECT_EQ(passes(text.outcome), text.slug == "ok" || text.slug == "certificate_expiring")
            << text.slug;
    }
}

}  // namespace
}  // namespace whylink::checks
