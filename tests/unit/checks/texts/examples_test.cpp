#include "checks/texts/examples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "checks/table/outcome.hpp"
#include "config/cause.hpp"
#include "probes/round.hpp"

namespace whylink::checks {
namespace {

// `whylink explain` indents a line by 4 and never wraps it.
constexpr std::size_t max_width = 76;

TEST(Examples, EveryCauseOutcomeFollowUpTestAndStageHasOne) {
    const auto has_one = [](std::string_view slug) {
        const bool found = std::ranges::find(examples(), slug, &Example::slug) != examples().end();
        EXPECT_TRUE(found) << slug;
        EXPECT_TRUE(!found || !example(slug).empty()) << slug;
    };
    std::ranges::for_each(slugs_of<Cause>, has_one);
    std::ranges::for_each(slugs_of<Outcome>, has_one);
    std::ranges::for_each(slugs_of<probes::FollowUp>, has_one);
    std::ranges::for_each(slugs_of<probes::Stage>, has_one);
    has_one(probes::hold_slug);
}

TEST(Examples, ASlugHasOneMeaningAmongThem) {
    const std::vector<std::string_view> slugs = example_slugs();
    const std::set<std::string_view> distinct(slugs.begin(), slugs.end());
    EXPECT_EQ(distinct.size(), slugs.size());
}

bool is_printable_ascii(char c) {
    return c >= ' ' && c <= '~';
}

TEST(Examples, FitEightyColumnsOfAnyTerminal) {
    for (const Example& one : examples()) {
        for (const std::string& line : one.lines) {
            EXPECT_LE(line.size(), max_width) << one.slug << ": " << line;
            EXPECT_TRUE(std::ranges::all_of(line, is_printable_ascii)) << one.slug << ": " << line;
        }
    }
}

/// An example of everything but `left_out`, and what else is given.
std::string examples_without(std::string_view left_out, const std::string& further = {}) {
    std::string toml;
    for (const std::string_view slug : example_slugs()) {
        if (slug != left_out) {
            toml += std::string(slug) + " = [\"a line\"]\n";
        }
    }
    return toml + further;
}

std::string mistake_in(const std::string& toml) {
    try {
        read_examples({"examples", toml});
    } catch (const std::logic_error& error) {
        return error.what();
    }
    return "";
}

TEST(Examples, SayWhatIsWrong) {
    EXPECT_EQ(mistake_in(examples_without("")), "");
    EXPECT_EQ(mistake_in(examples_without("repeat")), "examples.toml: there is no example of repeat");
    EXPECT_EQ(mistake_in(examples_without("repeat", "repeat = []\n")),
              "examples.toml: there is no example of repeat");
    EXPECT_EQ(mistake_in(examples_without("", "repaet = [\"a line\"]\n")),
              "examples.toml: unknown key repaet");
}

}  // namespace
}  // namespace whylink::checks
