#include "config/outside_text.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/dns_name.hpp"

namespace whylink {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

TEST(OutsideText, OrdinaryTextStaysAsItIs) {
    for (const std::string text : {"", "db.example.test", "Grüße, 漢字", "back\\slash \"quoted\""}) {
        EXPECT_EQ(outside_text(text), text);
    }
    EXPECT_EQ(outside_text(std::string(max_outside_text, 'a')), std::string(max_outside_text, 'a'));
}

TEST(OutsideText, IsCutWithACountOfWhatIsLeftOut) {
    EXPECT_EQ(outside_text(std::string(90'000, 'a'), 10), "aaaaaaaaaa… (89990 B left out)");
    EXPECT_EQ(outside_text("abc", 2), "ab… (1 B left out)");
    EXPECT_EQ(outside_text("abc", 0), "… (3 B left out)");
}

TEST(OutsideText, CountsWhatItsReaderPassedOver) {
    EXPECT_EQ(outside_text("abcd", 2, 100), "ab… (102 B left out)");
    EXPECT_EQ(outside_text("ab", 2, 100), "ab… (100 B left out)");
}

TEST(OutsideText, IsNotCutWithinACharacterOrAnEscape) {
    for (std::size_t most = 0; most < 12; ++most) {
        const std::string characters = outside_text("éééééééé", most);
        EXPECT_EQ(characters, valid_utf8(characters)) << most;
        EXPECT_EQ(characters,
                  repeated("é", most / 2) + "… (" + std::to_string(16 - most / 2 * 2) + " B left out)");
        EXPECT_EQ(outside_text(std::string(8, '\n'), most),
                  repeated("\\x0a", most / 4) + "… (" + std::to_string(8 - most / 4) + " B left out)");
    }
}

TEST(OutsideText, HasNoControlsAndNothingInvisible) {
    EXPECT_EQ(outside_text(std::string("a\0b\r\n<0>x\x1b[2J\x7f", 14)), "a\\x00b\\x0d\\x0a<0>x\\x1b[2J\\x7f");
    EXPECT_EQ(outside_text("\xc2\x85 \xff\xc0\xaf"), "\\x85 \\xff\\xc0\\xaf");
    EXPECT_EQ(outside_text("a\u202eb\u2066c\u061cd\u2028e\ufeff"),
              "a\\u{202e}b\\u{2066}c\\u{61c}d\\u{2028}e\\u{feff}");
    EXPECT_EQ(outside_text("tag\U000e0041"), "tag\\u{e0041}");
}

TEST(OutsideText, WhatWasCutOnceComesThroughAgain) {
    const std::string cut = outside_text(std::string(90'000, '\n'));
    EXPECT_EQ(outside_text(cut, 2 * max_outside_text), cut);
    EXPECT_EQ(printable(cut), cut);
}

TEST(OutsideAscii, KeepsNamesApart) {
    EXPECT_EQ(outside_ascii("db.example.test"), "db.example.test");
    EXPECT_EQ(outside_ascii("dé\\"), "d\\xc3\\xa9\\x5c");
    EXPECT_EQ(outside_ascii(std::string(300, 'a'), 4), "aaaa… (296 B left out)");
}

TEST(Shortened, HasTheMarkAlone) {
    EXPECT_EQ(shortened("abc", 3), "abc");
    EXPECT_EQ(shortened("abcd", 3), "abc…");
    EXPECT_EQ(shortened("é", 1), "…");
}

TEST(IsCut, KnowsTheMark) {
    EXPECT_TRUE(is_cut(outside_text(std::string(600, 'a'))));
    EXPECT_TRUE(is_cut(outside_ascii(std::string(600, 'a'))));
    for (const char* text : {"", "abc", "abc…", "… ( B left out)", " B left out)", "5 B left out)"}) {
        EXPECT_FALSE(is_cut(text)) << text;
    }
}

TEST(IsCut, KnowsTheMarkInLowerCase) {
    EXPECT_TRUE(is_cut(canonical_name(outside_text(std::string(600, 'A')))));
}

TEST(IsCut, ANameCannotPretendToBe) {
    EXPECT_FALSE(is_cut(outside_ascii("a… (5 B left out)")));
}

}  // namespace
}  // namespace whylink
