#include "checks/surroundings/slow_connects.hpp"

#include <gtest/gtest.h>

namespace whylink::checks {
namespace {

Assessment round(bool syn_repeated) {
    Assessment made;
    made.facts.insert_if(syn_repeated, Fact::syn_repeated);
    return made;
}

SlowConnects after(std::initializer_list<bool> rounds) {
    SlowConnects connects;
    for (const bool repeated : rounds) {
        connects.add(round(repeated));
    }
    return connects;
}

TEST(SlowConnects, ComeAgainFromTheSecondRoundOn) {
    EXPECT_FALSE(after({}).come_again());
    EXPECT_FALSE(after({true}).come_again());
    EXPECT_TRUE(after({true, false, true}).come_again());
}

TEST(SlowConnects, AreForgottenAfterTheWindow) {
    SlowConnects connects = after({true, true});
    for (std::size_t i = 0; i < SlowConnects::window - 2; ++i) {
        connects.add(round(false));
    }
    EXPECT_TRUE(connects.come_again());
    connects.add(round(false));
    EXPECT_FALSE(connects.come_again());
}

TEST(ConnectsBefore, AddTheirFactToARoundThatHasWaitedToo) {
    const SlowConnects connects = after({true, true});
    EXPECT_TRUE(ConnectsBefore(connects).facts(round(true)).contains(Fact::syn_repeats));
    EXPECT_TRUE(ConnectsBefore(connects).facts(round(false)).empty());
    const SlowConnects none;
    EXPECT_TRUE(ConnectsBefore(none).facts(round(true)).empty());
}

}  // namespace
}  // namespace whylink::checks
