#include "checks/table/cause.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "checks/explain/wording.hpp"

namespace whylink::checks {
namespace {

TEST(Cause, SlugsAreUniqueAndComeBack) {
    std::set<std::string_view> slugs;
    for (const CauseText& row : cause_texts()) {
        EXPECT_EQ(slug(row.cause), row.slug);
        EXPECT_EQ(cause_from_slug(row.slug), row.cause);
        EXPECT_EQ(&text(row.cause), &row);
        EXPECT_TRUE(slugs.insert(row.slug).second) << row.slug;
    }
    EXPECT_EQ(slugs.size(), 32U);
    EXPECT_EQ(cause_from_slug("no_such_cause"), std::nullopt);
}

TEST(Cause, EachHasItsTextsAndAStepForEveryone) {
    for (const CauseText& row : cause_texts()) {
        EXPECT_FALSE(row.title.empty()) << row.slug;
        EXPECT_FALSE(row.meaning.empty()) << row.slug;
        EXPECT_FALSE(row.told_apart.empty()) << row.slug;
        bool generic = row.cause == Cause::healthy;
        for (const Step& step : row.steps) {
            generic = generic || step.provider == config::Provider::generic;
        }
        EXPECT_TRUE(generic) << row.slug;
    }
}

TEST(Cause, StepsUseKnownPlaceholders) {
    for (const CauseText& row : cause_texts()) {
        for (const Step& step : row.steps) {
            EXPECT_EQ(fill(step.text, {}).find('{'), std::string::npos) << step.text;
        }
    }
}

TEST(Cause, SeverityAndConfidenceHaveTheContractsNames) {
    EXPECT_EQ(slug(Severity::ok), "ok");
    EXPECT_EQ(slug(Severity::warning), "warning");
    EXPECT_EQ(slug(Severity::critical), "critical");
    EXPECT_EQ(slug(Confidence::low), "low");
    EXPECT_EQ(slug(Confidence::medium), "medium");
    EXPECT_EQ(slug(Confidence::high), "high");
}

}  // namespace
}  // namespace whylink::checks
