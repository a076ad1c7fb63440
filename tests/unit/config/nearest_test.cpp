#include "config/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace whylink::config {
namespace {

constexpr std::array<std::string_view, 4> known{"interval", "interface", "timeout", "host"};

TEST(Nearest, FindsTypingMistakes) {
    for (const char* text : {"intervall", "intreval", "inteval", "interbal", "Interval"}) {
        EXPECT_EQ(nearest(text, known).word, "interval") << text;
        EXPECT_TRUE(nearest(text, known).close) << text;
    }
    EXPECT_EQ(nearest("hots", known).word, "host");
    EXPECT_TRUE(nearest("hots", known).close);
}

TEST(Nearest, SaysWhenNothingIsClose) {
    EXPECT_EQ(nearest("timezone", known).word, "timeout");
    EXPECT_FALSE(nearest("timezone", known).close);
    EXPECT_FALSE(nearest("", known).close);
    EXPECT_FALSE(nearest(std::string(100'000, 'x'), known).close);
}

}  // namespace
}  // namespace whylink::config
