#include "daemon/report/human/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace whylink::daemon {
namespace {

using testing::ElementsAre;

TEST(ValidUtf8, KeepsWhatIsWellFormed) {
    const std::string text = "plain, é, 漢, 😀\n";
    EXPECT_EQ(valid_utf8(text), text);
}

struct BrokenText {
    const char* name;
    std::string bytes;
    std::string expected;
};

class ValidUtf8Broken : public testing::TestWithParam<BrokenText> {};

TEST_P(ValidUtf8Broken, IsEscapedByteByByte) {
    EXPECT_EQ(valid_utf8(GetParam().bytes), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ValidUtf8Broken,
                         testing::Values(BrokenText{"lone_continuation", "a\x80z", "a\\x80z"},
                                         BrokenText{"cut_short", "a\xe2\x82", "a\\xe2\\x82"},
                                         BrokenText{"overlong_slash", "\xc0\xaf", "\\xc0\\xaf"},
                                         BrokenText{"overlong_three", "\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
                                         BrokenText{"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
                                         BrokenText{"beyond_unicode", "\xf4\x90\x80\x80",
                                                    "\\xf4\\x90\\x80\\x80"},
                                         BrokenText{"no_lead", "\xff\xfe", "\\xff\\xfe"}),
                         [](const auto& row) { return row.param.name; });

TEST(Printable, NeutralisesEscapeSequencesAndReordering) {
    EXPECT_EQ(printable("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
    EXPECT_EQ(printable("a\r\nb\tc\x7f"), "a\\x0d\\x0ab\\x09c\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\x9b31m");
    EXPECT_EQ(printable("\xe2\x80\xae"
                        "abc"),
              "\\u{202e}abc");
    EXPECT_EQ(printable("é 漢"), "é 漢");
}

TEST(ToAscii, HasFormsForWhatTextsUse) {
    EXPECT_EQ(to_ascii("it’s “so” – a → b …"), "it's \"so\" - a -> b ...");
    EXPECT_EQ(to_ascii("漢"), "?");
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
    EXPECT_EQ(display_width("é"), 1U);
    EXPECT_EQ(display_width("漢字"), 4U);
    EXPECT_EQ(display_width("e\xcc\x81"), 1U);
}

TEST(Wrap, BreaksAtSpacesAndKeepsLongWordsWhole) {
    EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
    EXPECT_THAT(wrap("a incomprehensible b", 5), ElementsAre("a", "incomprehensible", "b"));
    EXPECT_THAT(wrap("", 5), ElementsAre(""));
    EXPECT_THAT(wrap("  a   b  ", 5), ElementsAre("a b"));
}

TEST(Rfc3339, HasMillisecondsAlsoBeforeTheEpoch) {
    using namespace std::chrono_literals;
    EXPECT_EQ(rfc3339(std::chrono::system_clock::time_point(1'767'268'800s + 7ms)),
              "2026-01-01T12:00:00.007Z");
    EXPECT_EQ(rfc3339(std::chrono::system_clock::time_point(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(WrapWithin, BreaksWordsThatAreLongerThanTheLine) {
    EXPECT_THAT(wrap_within("a incomprehensible b", 8), ElementsAre("a", "incompre", "hensible", "b"));
    EXPECT_THAT(wrap_within("漢字漢字", 4), ElementsAre("漢字", "漢字"));
    EXPECT_THAT(wrap_within("漢", 1), ElementsAre("漢"));
}

TEST(Cut, LeavesAMark) {
    EXPECT_EQ(cut("abcdef", 6), "abcdef");
    EXPECT_EQ(cut("abcdef", 5), "abcd…");
    EXPECT_EQ(cut("漢字漢字", 6), "漢字…");
    EXPECT_EQ(cut("abcdef", 5, "..."), "ab...");
}

TEST(Sentence, HasACapitalAndAPeriod) {
    EXPECT_EQ(sentence("no answer from 10.0.0.4"), "No answer from 10.0.0.4.");
    EXPECT_EQ(sentence("Done."), "Done.");
    EXPECT_EQ(sentence("abcd.example does not exist"), "abcd.example does not exist.");
    EXPECT_EQ(sentence("10.0.0.4 resets"), "10.0.0.4 resets.");
    EXPECT_EQ(sentence(""), "");
}

TEST(AgeText, IsInTheUnitThatFits) {
    using namespace std::chrono_literals;
    EXPECT_EQ(age_text(-1s), "0 s");
    EXPECT_EQ(age_text(119s), "119 s");
    EXPECT_EQ(age_text(14min), "14 min");
    EXPECT_EQ(age_text(3h), "3 hours");
    EXPECT_EQ(age_text(72h), "3 days");
}

TEST(ClockText, HasADateWhereItIsAnother) {
    using namespace std::chrono_literals;
    const std::chrono::system_clock::time_point noon(1'767'268'800s);
    EXPECT_EQ(clock_text(noon, noon + 1h), "12:00 UTC");
    EXPECT_EQ(clock_text(noon, noon + 24h), "2026-01-01 12:00 UTC");
}

TEST(Abridged, NamesTheFirstAndCountsTheRest) {
    EXPECT_EQ(abridged({}, 2), "");
    EXPECT_EQ(abridged({"a", "b"}, 2), "a, b");
    EXPECT_EQ(abridged({"a", "b", "c"}, 2), "a, b and 1 more");
    EXPECT_EQ(abridged({"a"}, 2, 3), "a and 3 more");
    EXPECT_EQ(abridged({"a", "b", "c"}, 2, 3), "a, b and 4 more");
}

}  // namespace
}  // namespace whylink::daemon
