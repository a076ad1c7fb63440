#include "daemon/commands/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/table/outcome.hpp"
#include "checks/texts/causes.hpp"
#include "daemon/http/metric_families.hpp"
#include "probes/round.hpp"

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

TEST(Explain, TakesEverySlugThatIsPrinted) {
    std::vector<std::string_view> printed = explained_slugs();
    printed.insert(printed.end(), slugs_of<probes::Stage>.begin(), slugs_of<probes::Stage>.end());
    printed.insert(printed.end(), slugs_of<probes::FollowUp>.begin(), slugs_of<probes::FollowUp>.end());
    printed.push_back(probes::hold_slug);
    for (const http::MetricFamily& family : http::metric_families()) {
        printed.push_back(family.name);
    }
    for (const std::string_view slug : printed) {
        EXPECT_THAT(explain(slug, plain).value_or(""), testing::StartsWith(std::string(slug) + " (")) << slug;
    }
}

TEST(Explain, SaysWhatAFollowUpTestShows) {
    const std::string text = explain("proxy_v2", plain).value_or("");
    EXPECT_THAT(text, testing::StartsWith("proxy_v2 (follow-up test)\n"));
    EXPECT_THAT(text, HasSubstr("When it fails just the same\n"));
    EXPECT_THAT(explain("read_on", plain).value_or(""), Not(HasSubstr("just the same")));
}

TEST(Explain, SaysWhatAMetricMeans) {
    const std::string text = explain("whylink_probes_total", plain).value_or("");
    EXPECT_THAT(text, testing::StartsWith("whylink_probes_total (metric, counter)\n"));
    EXPECT_THAT(text, HasSubstr("Labels\n  kind, name, stage, outcome\n"));
}

TEST(Explain, KnowsNoOtherWord) {
    EXPECT_EQ(explain("nxdomian", plain), std::nullopt);
    EXPECT_EQ(explain("", plain), std::nullopt);
}

}  // namespace
}  // namespace whylink::daemon
