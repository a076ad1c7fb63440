// What is out of the ordinary: every entry is needed, and what it does to a decision.
#include "checks/table/oddities.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "checks/explain/wording.hpp"
#include "checks/table/decide.hpp"
#include "tests/unit/checks/case.hpp"

namespace whylink::checks::test {
namespace {

struct CaseDecision {
    FactSet facts;
    Decision decision;
};

/// What the recorded cases hold a decision to; the unexplained by their facts, for the entries are copies.
bool same(const Decision& a, const Decision& b) {
    const auto fact = [](const Oddity* oddity) { return oddity->fact; };
    return a.cause == b.cause && a.confidence == b.confidence && a.alternatives == b.alternatives &&
           std::ranges::equal(a.unexplained, b.unexplained, {}, fact, fact);
}

const std::vector<CaseDecision>& decisions_of_all_cases() {
    static const std::vector<CaseDecision> all = [] {
        std::vector<CaseDecision> decisions;
        for (const auto& directory : case_directories()) {
            for (const auto& [name, verdict] : judge_case(read_case(directory))) {
                decisions.push_back({verdict.facts, decide(verdict.facts)});
            }
        }
        return decisions;
    }();
    return all;
}

bool fails_a_case(const std::vector<Oddity>& changed) {
    return std::ranges::any_of(decisions_of_all_cases(), [&](const CaseDecision& known) {
        return !same(decide(known.facts, changed), known.decision);
    });
}

/// Without each cause of `set` in turn, a case must fail.
void expect_needed(CauseSet Oddity::*set, const char* name) {
    const std::vector<Oddity> all(oddities().begin(), oddities().end());
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const Term<Cause>& cause : terms_of<Cause>) {
            if (!(all[i].*set).contains(cause.value)) {
                continue;
            }
            std::vector<Oddity> changed = all;
            (changed[i].*set).erase(cause.value);
            EXPECT_TRUE(fails_a_case(changed))
                << slug(all[i].fact) << " " << name << " " << cause.slug << ": no case needs it";
        }
    }
}

TEST(Oddities, EachExplanationIsNeededByACase) {
    expect_needed(&Oddity::explained_by, "is explained by");
}

TEST(Oddities, EachContradictionIsNeededByACase) {
    expect_needed(&Oddity::contradicts, "contradicts");
}

TEST(Oddities, EachIsUnexplainedInSomeCase) {
    for (const Oddity& oddity : oddities()) {
        EXPECT_TRUE(std::ranges::any_of(decisions_of_all_cases(), [&](const CaseDecision& known) {
            return std::ranges::find(known.decision.unexplained, &oddity) != known.decision.unexplained.end();
        })) << slug(oddity.fact);
    }
}

TEST(Oddities, AreConsistent) {
    std::vector<Fact> seen;
    for (const Oddity& oddity : oddities()) {
        EXPECT_FALSE(oddity.explained_by.intersects(oddity.contradicts)) << slug(oddity.fact);
        EXPECT_EQ(std::ranges::count(seen, oddity.fact), 0) << slug(oddity.fact);
        EXPECT_EQ(fill(oddity.said, {}).find('{'), std::string::npos) << oddity.said;
        seen.push_back(oddity.fact);
    }
}

// ---- what they do to a decision; of facts that match one row alone ----

constexpr FactSet silent{Fact::address_fails, Fact::tls_silent, Fact::plain_text_silent};

TEST(Decide, BringsInWhatExplainsAContradiction) {
    const std::vector<Oddity> odd{
        {Fact::repeat_answered, {Cause::intermittent}, {Cause::backend_silent}, "x"}};
    FactSet facts = silent;
    facts.insert(Fact::repeat_answered);
    EXPECT_TRUE(decide(silent, odd).unexplained.empty());
    const Decision decision = decide(facts, odd);
    EXPECT_LT(decision.confidence, Confidence::high);
    EXPECT_EQ(decision.unexplained, std::vector<const Oddity*>{odd.data()});
}

TEST(Decide, PrefersACauseThatNothingContradicts) {
    // Two rows match: both addresses fail, one is refused and one is silent.
    const FactSet facts{Fact::address_fails, Fact::tcp_refused, Fact::tcp_timeout, Fact::repeat_answered};
    ASSERT_EQ(decide(facts, {}).cause, Cause::connection_refused);
    const std::vector<Oddity> odd{
        {Fact::repeat_answered, {Cause::intermittent}, {Cause::connection_refused}, "x"}};
    const Decision decision = decide(facts, odd);
    EXPECT_EQ(decision.cause, Cause::syn_unanswered);
    EXPECT_THAT(decision.alternatives, testing::Contains(Cause::connection_refused));
}

TEST(Decide, RulesOutWhatTheExplainedFactContradicts) {
    const FactSet facts{Fact::address_fails, Fact::tcp_refused, Fact::tcp_timeout, Fact::repeat_answered};
    const std::vector<Oddity> odd{
        {Fact::repeat_answered, {Cause::connection_refused}, {Cause::syn_unanswered}, "x"}};
    ASSERT_EQ(decide(facts, {}).alternatives, std::vector{Cause::syn_unanswered});
    EXPECT_TRUE(decide(facts, odd).alternatives.empty());
}

TEST(Decide, FallsBackToWhatExplainsWhereNothingElseIsLeft) {
    // The words are those of the real entry.
    const FactSet facts{Fact::address_fails, Fact::tcp_refused, Fact::answer_stale};
    const std::vector<Oddity> odd{
        {Fact::answer_stale, {Cause::dns_cache_stale}, {Cause::connection_refused}, "x"}};
    const Decision decision = decide(facts, odd);
    EXPECT_EQ(decision.cause, Cause::dns_cache_stale);
    EXPECT_EQ(decision.confidence, Confidence::medium);
    EXPECT_TRUE(decision.alternatives.empty());
    EXPECT_TRUE(decision.unexplained.empty());
}

TEST(Decide, KeepsAContradictedCauseThatNothingReplaces) {
    const FactSet facts{Fact::address_fails, Fact::tcp_refused, Fact::repeat_answered};
    const std::vector<Oddity> odd{{Fact::repeat_answered, {}, {Cause::connection_refused}, "x"}};
    const Decision decision = decide(facts, odd);
    EXPECT_EQ(decision.cause, Cause::connection_refused);
    EXPECT_LT(decision.confidence, Confidence::high);
    EXPECT_EQ(decision.unexplained.size(), 1U);
}

}  // namespace
}  // namespace whylink::checks::test
