// The decision table as a whole: every row is needed, reachable and covered.
#include "checks/table/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "checks/explain/faults.hpp"
#include "checks/explain/wording.hpp"
#include "checks/followups/table.hpp"
#include "checks/table/decide.hpp"
#include "checks/table/oddities.hpp"
#include "tests/unit/checks/case.hpp"

namespace whylink::checks::test {
namespace {

std::string name_of(const Row& row) {
    return std::string(slug(row.cause)) + ", row " + std::to_string(&row - rules().data());
}

std::vector<FactSet> facts_of_all_cases() {
    std::vector<FactSet> facts;
    for (const auto& directory : case_directories()) {
        for (const auto& [name, verdict] : judge_case(read_case(directory))) {
            facts.push_back(verdict.facts);
        }
    }
    return facts;
}

bool is_oddity(Fact fact) {
    return std::ranges::find(oddities(), fact, &Oddity::fact) != oddities().end();
}

/// A fact may choose the first step alone.
bool has_steps(Fact fact) {
    return std::ranges::find(fact_faults(), fact, &FactFault::fact) != fact_faults().end();
}

TEST(Rules, EveryCauseHasARow) {
    for (const Term<Cause>& cause : terms_of<Cause>) {
        EXPECT_TRUE(std::ranges::any_of(rules(), [&](const Row& row) { return row.cause == cause.value; }))
            << cause.slug;
    }
}

bool ends_a_sentence(std::string_view word) {
    return word.ends_with('.');
}

/// Of the longest sentence; a placeholder is one word.
std::size_t most_words(std::string_view text) {
    std::size_t most = 0;
    std::size_t words = 0;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        most = std::max(most, ++words);
        words = ends_a_sentence(word) ? 0 : words;
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return most;
}

TEST(Rules, ASummaryIsShortSentences) {
    constexpr std::size_t max_words = 25;
    for (const Row& row : rules()) {
        const char first = row.summary.front();
        EXPECT_TRUE((first >= 'A' && first <= 'Z') || first == '{') << name_of(row) << ": " << row.summary;
        EXPECT_TRUE(ends_a_sentence(row.summary)) << name_of(row) << ": " << row.summary;
        EXPECT_LE(most_words(row.summary), max_words) << name_of(row) << ": " << row.summary;
    }
}

TEST(Rules, ATitleIsAtMostFiveWords) {
    for (const Row& row : rules()) {
        EXPECT_LE(most_words(row.title), 5U) << name_of(row) << ": " << row.title;
    }
}

TEST(Rules, NoRowIsShadowed) {
    for (auto later = rules().begin(); later != rules().end(); ++later) {
        for (auto earlier = rules().begin(); earlier != later; ++earlier) {
            const bool implied =
                later->when.contains_all(earlier->when) && later->unless.contains_all(earlier->unless);
            EXPECT_FALSE(implied) << name_of(*later) << " is never reached for " << name_of(*earlier);
        }
    }
}

TEST(Rules, NoRowContradictsItself) {
    for (const Row& row : rules()) {
        EXPECT_FALSE(row.when.intersects(row.unless)) << name_of(row);
        EXPECT_FALSE(row.when.empty()) << name_of(row);
    }
}

TEST(Rules, EachRowDecidesACase) {
    const std::vector<FactSet> facts = facts_of_all_cases();
    for (const Row& row : rules()) {
        EXPECT_TRUE(std::ranges::any_of(facts, [&](FactSet set) { return decide(set).row == &row; }))
            << "no case is decided by " << name_of(row);
    }
}

TEST(Rules, EachDoubtIsRaisedByACase) {
    const std::vector<FactSet> facts = facts_of_all_cases();
    for (const Doubt& doubt : doubts()) {
        EXPECT_TRUE(std::ranges::any_of(
            facts, [&](FactSet set) { return decide(set).cause == doubt.cause && matches(doubt, set); }))
            << slug(doubt.cause) << " or " << slug(doubt.alternative) << ", doubt "
            << &doubt - doubts().data();
    }
}

TEST(Rules, EachFactIsUsedAndShownByACase) {
    const std::vector<FactSet> facts = facts_of_all_cases();
    for (std::size_t i = 0; i < count_of<Fact>; ++i) {
        const FactSet fact{static_cast<Fact>(i)};
        const auto mentions = [&](const auto& entry) {
            return entry.when.intersects(fact) || entry.unless.intersects(fact);
        };
        EXPECT_TRUE(std::ranges::any_of(rules(), mentions) || std::ranges::any_of(doubts(), mentions) ||
                    std::ranges::any_of(follow_up_rows(), mentions) || is_oddity(static_cast<Fact>(i)) ||
                    has_steps(static_cast<Fact>(i)))
            << slug(static_cast<Fact>(i)) << " decides nothing";
        EXPECT_TRUE(std::ranges::any_of(facts, [&](FactSet set) { return set.intersects(fact); }))
            << slug(static_cast<Fact>(i)) << " is in no case";
    }
}

TEST(Rules, SummariesUseKnownPlaceholders) {
    for (const Row& row : rules()) {
        EXPECT_EQ(fill(row.summary, {}).find('{'), std::string::npos) << row.summary;
    }
}

TEST(Decide, IsTotalAndNeverCertainBesideAnAlternative) {
    std::mt19937_64 random(20260601);
    for (int i = 0; i < 20000; ++i) {
        FactSet facts;
        for (std::size_t fact = 0; fact < count_of<Fact>; ++fact) {
            facts.insert_if(random() % 8 == 0, static_cast<Fact>(fact));
        }
        const Decision decision = decide(facts);
        ASSERT_NE(decision.row, nullptr);
        EXPECT_LE(decision.confidence, decision.row->best);
        EXPECT_TRUE(decision.alternatives.empty() || decision.confidence != Confidence::high);
    }
}

TEST(Decide, SaysSoWhenNoRowKnowsTheFacts) {
    const Decision decision = decide({});
    EXPECT_EQ(decision.cause, Cause::local_limit);
    EXPECT_EQ(decision.confidence, Confidence::low);
}

TEST(Decide, PutsDnsBeforeTheAddressesAndThoseThatDifferBeforeTheirCauses) {
    EXPECT_EQ(decide({Fact::resolver_without_reply, Fact::address_works, Fact::address_fails}).cause,
              Cause::resolver_unreachable);
    EXPECT_EQ(decide({Fact::address_works, Fact::address_fails, Fact::tcp_timeout}).cause,
              Cause::one_address_failing);
}

TEST(Decide, CallsWhatComesAndGoesTheSameWhetherItWorksNowOrNot) {
    const Decision fails = decide({Fact::comes_and_goes, Fact::address_fails, Fact::tcp_refused});
    EXPECT_EQ(fails.cause, Cause::intermittent);
    EXPECT_EQ(fails.alternatives, std::vector{Cause::connection_refused});
    const FactSet plain{Fact::all_pass, Fact::address_works};
    for (const FactSet more :
         {FactSet{}, FactSet{Fact::certificate_expiring}, FactSet{Fact::plain_text_service},
          FactSet{Fact::zone}, FactSet{Fact::certificate_left_open}}) {
        FactSet facts{Fact::comes_and_goes};
        facts.insert_all(plain);
        facts.insert_all(more);
        const Decision works = decide(facts);
        EXPECT_EQ(works.cause, Cause::intermittent);
        EXPECT_EQ(works.confidence, fails.confidence);
        EXPECT_EQ(works.alternatives, std::vector<Cause>{});
    }
}

TEST(Decide, IsCertainOfAnAllowListOnlyWhereTheProfileKnowsIt) {
    const FactSet listed{Fact::address_fails, Fact::accepted_then_reset, Fact::profile_allow_list,
                         Fact::repeat_same, Fact::repeat_steady};
    EXPECT_EQ(decide(listed).confidence, Confidence::high);
    // One of several targets that resets would look the same.
    EXPECT_LT(decide({Fact::address_fails, Fact::accepted_then_reset, Fact::profile_allow_list}).confidence,
              Confidence::high);
    EXPECT_LT(decide({Fact::address_fails, Fact::accepted_then_reset}).confidence, Confidence::high);
    EXPECT_LT(decide({Fact::address_fails, Fact::accepted_then_reset, Fact::sibling_served}).confidence,
              Confidence::high);
    // The public name has another list, of addresses.
    const Decision public_name = decide({Fact::address_fails, Fact::accepted_then_reset,
                                         Fact::public_host_of_listed, Fact::proxy_header_same});
    EXPECT_EQ(public_name.cause, Cause::not_on_allowlist);
    EXPECT_LT(public_name.confidence, Confidence::high);
    EXPECT_NE(public_name.row->summary.find("IP access list"), std::string_view::npos);
}

}  // namespace
}  // namespace whylink::checks::test
