// The few words for a decision.
#include <gtest/gtest.h>

#include "checks/explain/explain.hpp"
#include "checks/table/decide.hpp"
#include "checks/texts/causes.hpp"

namespace whylink::checks::test {
namespace {

TEST(Title, IsTheCausesUnlessThatSaysMoreThanWasSeen) {
    EXPECT_EQ(title_of(decide({Fact::address_fails, Fact::certificate_faulty})),
              text(Cause::certificate_problem).title);
    const Decision expiring = decide({Fact::all_pass, Fact::address_works, Fact::certificate_expiring});
    EXPECT_EQ(expiring.cause, Cause::certificate_problem);
    EXPECT_EQ(title_of(expiring), "certificate expires soon");
}

TEST(Title, OfNoRowIsTheCauses) {
    Decision undecided;
    undecided.cause = Cause::healthy;
    EXPECT_EQ(title_of(undecided), "healthy");
}

}  // namespace
}  // namespace whylink::checks::test
