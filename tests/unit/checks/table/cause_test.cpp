#include "checks/table/cause.hpp"

#include <gtest/gtest.h>

#include <set>

#include "checks/table/outcome.hpp"

namespace whylink::checks {
namespace {

template <Vocabulary E>
bool all_differ() {
    return std::set<std::string_view>(slugs_of<E>.begin(), slugs_of<E>.end()).size() == count_of<E>;
}

TEST(Cause, TheContractsSlugsAreUnique) {
    EXPECT_TRUE(all_differ<Cause>());
    EXPECT_TRUE(all_differ<Outcome>());
    EXPECT_EQ(count_of<Cause>, 42U);
    EXPECT_EQ(count_of<Outcome>, 27U);
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
