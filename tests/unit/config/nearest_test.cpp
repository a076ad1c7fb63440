#include "config/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace whylink::config {
namespace {

constexpr std::array<std::string_view, 4> known{"interval", "interface", "timeout", "host"};

TEST(Nearest, FindsTypingMistakes) {
    for (const char* text : {"intervall", "intreval", "inteval", "interbal", "Interval", "INTERVALL"}) {
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

TEST(Nearest, AThirdOfTheWordMayDiffer) {
    constexpr std::array<std::string_view, 4> names{"a", "db", "orders", "tls"};
    EXPECT_FALSE(nearest("c", names).close);
    EXPECT_FALSE(nearest("dv", names).close);
    EXPECT_TRUE(nearest("tsl", names).close);
    EXPECT_TRUE(nearest("ordrrz", names).close);
    EXPECT_FALSE(nearest("urdrrz", names).close);
}

TEST(Nearest, AWordThatIsNearWinsOverAShorterOneThatIsNot) {
    constexpr std::array<std::string_view, 2> names{"orde", "orders-api"};
    EXPECT_EQ(nearest("orders", names).word, "orde");
    EXPECT_FALSE(nearest("orders", names).close);
    constexpr std::array<std::string_view, 2> near{"host", "hostpath"};
    EXPECT_EQ(nearest("hostpa", near).word, "hostpath");
    EXPECT_TRUE(nearest("hostpa", near).close);
}

TEST(Nearest, IsNothingWhereNothingIsKnown) {
    EXPECT_EQ(nearest("interval", {}).word, "");
    EXPECT_FALSE(nearest("interval", {}).close);
    EXPECT_EQ(did_you_mean("interval", {}, "no"), "no");
}

TEST(NameHint, SuggestsOnlyWhatIsNear) {
    constexpr std::array<std::string_view, 2> names{"redis-cache", "orders"};
    EXPECT_EQ(name_hint("redis-cahce", names), "; did you mean \"redis-cache\"?");
    EXPECT_EQ(name_hint("nosuch", names), "; there are \"redis-cache\", \"orders\"");
    EXPECT_EQ(name_hint("nosuch", {}), "");
    constexpr std::array<std::string_view, 1> one{"redis-cache"};
    EXPECT_EQ(name_hint("nosuch", one), "; the only one is \"redis-cache\"");
    constexpr std::array<std::string_view, 9> many{"n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9"};
    EXPECT_EQ(name_hint("nosuch", many), "");
}

}  // namespace
}  // namespace whylink::config
