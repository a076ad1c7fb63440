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
    EXPECT_EQ(one_line(std::string(201, 'a')), std::string(200, 'a'));
    EXPECT_EQ(one_line(std::string(199, 'a') + "\xc3\xa9"), std::string(199, 'a'));
    EXPECT_EQ(one_line(std::string(198, 'a') + "\xc3\xa9z"), std::string(198, 'a') + "\xc3\xa9");
    EXPECT_EQ(one_line(std::string(300, '\x80')).size(), 197U);
}

TEST(FirstLine, EndsWithEitherLineEnd) {
    EXPECT_EQ(first_line("a\r\nb"), "a");
    EXPECT_EQ(first_line("a\nb"), "a");
    EXPECT_EQ(first_line("a\r"), "a");
    EXPECT_EQ(first_line(""), "");
}

}  // namespace
}  // namespace whylink::probes
