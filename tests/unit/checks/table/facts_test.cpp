#include "checks/table/facts.hpp"

#include <gtest/gtest.h>

namespace whylink::checks::test {
namespace {

static_assert(FactSet{Fact::all_pass}.contains(Fact::all_pass), "the decision table is made at compile time");
static_assert(slug(Fact::tcp_timeout) == "tcp_timeout", "the page of experiments names it so");

TEST(FactSet, KeepsFactsApart) {
    FactSet all;
    for (std::size_t i = 0; i < count_of<Fact>; ++i) {
        const auto fact = static_cast<Fact>(i);
        EXPECT_FALSE(all.contains(fact)) << i;
        EXPECT_FALSE(all.intersects({fact})) << i;
        EXPECT_FALSE(all.contains_all({fact})) << i;
        all.insert(fact);
        EXPECT_TRUE(all.contains(fact)) << i;
        EXPECT_EQ(all.intersection({fact}), FactSet{fact}) << i;
    }
    EXPECT_TRUE(all.contains_all(all));
}

TEST(FactSet, JoinsAndComparesEveryFact) {
    const auto first = static_cast<Fact>(0);
    const auto last = static_cast<Fact>(count_of<Fact> - 1);
    FactSet set{first};
    EXPECT_FALSE(set.contains_all({first, last}));
    set.insert_if(false, last);
    EXPECT_EQ(set, FactSet{first});
    set.insert_all({last});
    EXPECT_EQ(set, (FactSet{first, last}));
    EXPECT_EQ(set.intersection({last}), FactSet{last});
    EXPECT_FALSE(FactSet{last}.empty());
    EXPECT_TRUE(FactSet{first}.intersection({last}).empty());
}

}  // namespace
}  // namespace whylink::checks::test
