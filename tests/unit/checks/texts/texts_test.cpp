// The texts that are built in: each value has its own, and they say only what is known to be filled in.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "checks/explain/faults.hpp"
#include "checks/explain/wording.hpp"
#include "checks/followups/table.hpp"
#include "checks/table/rules.hpp"
#include "checks/texts/causes.hpp"
#include "checks/texts/faults.hpp"
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
        // What changes nothing in the table is said all the same.
        EXPECT_TRUE(!facts.same || !row.if_same.empty()) << slug(facts.kind);
        EXPECT_EQ(facts.worse.has_value(), !row.if_worse.empty()) << slug(facts.kind);
    }
}

bool begins_with_number(std::string_view key, std::string_view prefix) {
    return key.starts_with(prefix) && key.size() > prefix.size() &&
           std::isdigit(static_cast<unsigned char>(key[prefix.size()])) != 0;
}

/// Words that checks/explain/faults.cpp makes of the addresses, and of this host's own certificate.
const std::set<std::string> of_addresses{"nat64", "ipv6_only", "client_certificate_expired",
                                         "client_certificate_not_yet_valid"};

TEST(Texts, EveryFaultIsOneThatIsSeen) {
    std::set<std::string> of_rows;
    for (const Row& row : rules()) {
        if (!row.fault.empty()) {
            of_rows.emplace(row.fault);
            EXPECT_NE(fault_text(row.fault, row.cause), nullptr) << row.fault;
        }
    }
    for (const FactFault& fault : fact_faults()) {
        EXPECT_NE(fault_text(fault.key), nullptr) << fault.key;
    }
    std::set<std::string> keys;
    for (const FaultText& fault : fault_texts()) {
        EXPECT_TRUE(keys.insert(fault.key).second) << fault.key;
        const bool numbered = begins_with_number(fault.key, "x509_") ||
                              begins_with_number(fault.key, "alert_") ||
                              begins_with_number(fault.key, "openssl_");
        const bool of_a_fact =
            std::ranges::find(fact_faults(), fault.key, &FactFault::key) != fact_faults().end();
        EXPECT_TRUE(numbered || of_a_fact || of_rows.contains(fault.key) || of_addresses.contains(fault.key))
            << fault.key;
        for (const std::string& step : fault.steps) {
            EXPECT_EQ(fill(step, {}).find('{'), std::string::npos) << step;
        }
    }
}

/// The alerts that a server ends a handshake with, RFC 8446 section 6, and the errors that certificates in the field have.
TEST(Texts, TheFaultsOfTheFieldHaveStepsOfTheirOwn) {
    for (const int alert : {40, 70, 71, 80, 86, 112, 120}) {
        EXPECT_NE(fault_text("alert_" + std::to_string(alert), Cause::tls_incompatible), nullptr) << alert;
    }
    for (const int alert : {42, 43, 44, 45, 46, 48, 49, 51, 116}) {
        EXPECT_NE(fault_text("alert_" + std::to_string(alert), Cause::client_certificate_required), nullptr)
            << alert;
    }
    for (const int error : {2, 9, 10, 18, 19, 20, 21, 66, 67, 68}) {
        EXPECT_NE(fault_text("x509_" + std::to_string(error), Cause::certificate_problem), nullptr) << error;
    }
    EXPECT_EQ(fault_text("x509_66", Cause::healthy), nullptr);
}

}  // namespace
}  // namespace whylink::checks
