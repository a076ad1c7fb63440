#include "checks/table/outcome.hpp"

#include <gtest/gtest.h>

namespace whylink::checks {
namespace {

TEST(Outcome, OnlyOkAndExpiringPass) {
    for (const Term<Outcome>& outcome : terms_of<Outcome>) {
        EXPECT_EQ(passes(outcome.value), outcome.slug == "ok" || outcome.slug == "certificate_expiring")
            << outcome.slug;
    }
}

}  // namespace
}  // namespace whylink::checks
