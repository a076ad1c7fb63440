#include "probes/app/codecs/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace whylink::probes {
namespace {

TEST(OneLine, MakesOneOfSeveral) {
    EXPECT_EQ(one_line("  a\r\n\tb  c \n"), "a b c");
    EXPECT_EQ(one_line(""), "");
    EXPECT_EQ(one_line(" \n "), "");
}

TEST(OneLine, IsCutAtTwoHundredBytesAndNotWithinACharacter) {
    EXPECT_EQ(one_line(std::string(200, 'a')), std::string(200, 'a'));
    EXPECT_EQ(one_line(std::string(90'000, 'a')), std::string(200, 'a') + "… (89800 B left out)");
    EXPECT_EQ(one_line(std::string(199, 'a') + "é"), std::string(199, 'a') + "… (2 B left out)");
    EXPECT_EQ(one_line(std::string(198, 'a') + "éz"), std::string(198, 'a') + "é… (1 B left out)");
    EXPECT_EQ(one_line("ab", 7), "ab… (7 B left out)");
}

TEST(OneLine, HasNoControlsAndIsUtf8) {
    EXPECT_EQ(one_line("a\x1b[2J\x07 \xff é \u202e"), "a\\x1b[2J\\x07 \\xff é \\u{202e}");
}

TEST(OneLine, OfOneLineIsTheSame) {
    const std::string line = one_line("a\x1b\xff \n b");
    EXPECT_EQ(one_line(line), line);
}

TEST(FirstLine, EndsWithEitherLineEnd) {
    EXPECT_EQ(first_line("a\r\nb"), "a");
    EXPECT_EQ(first_line("a\nb"), "a");
    EXPECT_EQ(first_line("a\r"), "a");
    EXPECT_EQ(first_line(""), "");
}

}  // namespace
}  // namespace whylink::probes
