// The texts that are built in: each value has its own, and they say only what is known to be filled in.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "checks/explain/wording.hpp"
#include "checks/followups/table.hpp"
#include "checks/texts/causes.hpp"
#include "checks/texts/files.hpp"
#include "checks/texts/followups.hpp"
#include "checks/texts/outcomes.hpp"
#include "config/embedded.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

std::set<std::string> toml_files(const std::string& folder) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(WHYLINK_CASES "/../../" + folder)) {
        if (entry.path().extension() == ".toml") {
            names.insert(entry.path().stem().string());
        }
    }
    return names;
}

std::set<std::string> names_of(std::span<const config::EmbeddedToml> files) {
    std::set<std::string> names;
    for (const config::EmbeddedToml& file : files) {
        names.emplace(file.name);
    }
    return names;
}

TEST(Texts, AreTheFilesOfTheFolders) {
    EXPECT_EQ(names_of(text_files()), toml_files("checks/texts"));
    EXPECT_EQ(names_of(config::provider_steps()), toml_files("config/profiles/steps"));
}

TEST(Texts, EveryProviderHasAProfileAndSteps) {
    const std::set<std::string> steps = names_of(config::provider_steps());
    for (const Term<config::Provider>& provider : terms_of<config::Provider>) {
        const bool known = provider.value != config::Provider::generic;
        EXPECT_EQ(steps.contains(std::string(provider.slug)), known) << provider.slug;
        EXPECT_EQ(config::find_profile(provider.slug) != nullptr, known) << provider.slug;
        EXPECT_EQ(prefix(provider.value).empty(), !known) << provider.slug;
    }
}

TEST(Texts, EveryCauseHasItsOwnAndAStepForEveryone) {
    ASSERT_EQ(cause_texts().size(), count_of<Cause>);
    for (const CauseText& row : cause_texts()) {
        EXPECT_EQ(&text(row.cause), &row);
        const bool generic = std::ranges::any_of(
            row.steps, [](const Step& step) { return step.provider == config::Provider::generic; });
        EXPECT_EQ(generic, row.cause != Cause::healthy) << slug(row.cause);
    }
}

TEST(Texts, StepsUseKnownPlaceholders) {
    for (const CauseText& row : cause_texts()) {
        for (const Step& step : row.steps) {
            EXPECT_EQ(fill(step.text, {}).find('{'), std::string::npos) << step.text;
        }
    }
}

TEST(Texts, EveryOutcomeHasItsOwn) {
    ASSERT_EQ(outcome_texts().size(), count_of<Outcome>);
    for (const OutcomeText& row : outcome_texts()) {
        EXPECT_EQ(&text(row.outcome), &row);
    }
}

TEST(Texts, EveryExperimentSaysWhatItsResultsShow) {
    ASSERT_EQ(follow_up_texts().size(), count_of<probes::FollowUp>);
    for (const FollowUpFacts& facts : follow_up_facts()) {
        const FollowUpText& row = text(facts.kind);
        EXPECT_EQ(row.kind, facts.kind);
        EXPECT_TRUE(!facts.same || !row.if_same.empty()) << slug(facts.kind);
    }
}

}  // namespace
}  // namespace whylink::checks
