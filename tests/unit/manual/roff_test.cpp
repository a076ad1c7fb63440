#include "manual/roff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whylink::manual {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

Roff empty_page() {
    return {"whylink", 1, "find out why", {"1.2.3", "2026-01-31"}};
}

TEST(RoffTest, APageBeginsWithItsTitleAndItsName) {
    EXPECT_THAT(
        empty_page().take(),
        HasSubstr(".TH WHYLINK 1 2026-01-31 \"whylink 1.2.3\"\n.SH NAME\nwhylink \\- find out why\n"));
}

TEST(RoffTest, CodeIsBoldAndKeepsItsHyphens) {
    Roff page = empty_page();
    page.heading("X");
    page.paragraph("A well-known `--option`.");
    EXPECT_THAT(page.take(), EndsWith("A well-known \\fB\\-\\-option\\fR.\n"));
}

TEST(RoffTest, ABackquoteAloneStandsForItself) {
    Roff page = empty_page();
    page.heading("X");
    page.paragraph("a ` b");
    EXPECT_THAT(page.take(), EndsWith(".SH X\na \\(ga b\n"));
}

TEST(RoffTest, TextIsNoRequest) {
    Roff page = empty_page();
    page.heading("X");
    page.paragraph(".TH and 'x and \\fB");
    page.example(std::vector<std::string>{".nf", "'x'", "a\\b"});
    const std::string text = page.take();
    EXPECT_THAT(text, HasSubstr("\n\\&.TH and 'x and \\efB\n"));
    EXPECT_THAT(text, HasSubstr(".nf\n\\&.nf\n\\(aqx\\(aq\na\\eb\n.fi\n"));
}

TEST(RoffTest, LongTextIsBrokenBetweenWordsAndNoLineBecomesARequest) {
    Roff page = empty_page();
    page.heading("X");
    page.paragraph(std::string(68, 'a') + " .b");
    EXPECT_THAT(page.take(), EndsWith("a\n\\&.b\n"));
}

TEST(RoffTest, OnlyALaterParagraphMakesSpace) {
    Roff page = empty_page();
    page.heading("X");
    page.paragraph("one");
    page.paragraph("two");
    EXPECT_THAT(page.take(), EndsWith(".SH X\none\n.PP\ntwo\n"));
}

TEST(RoffTest, AnItemHasATermAndParagraphs) {
    Roff page = empty_page();
    page.item("`-v` X", {"one", "two"});
    page.item_example(std::vector<std::string>{"three"});
    EXPECT_THAT(page.take(), EndsWith(".TP\n\\fB\\-v\\fR X\none\n.IP\ntwo\n.IP\n.nf\nthree\n.fi\n"));
}

TEST(RoffTest, ReferencesAreSeparatedByCommas) {
    Roff page = empty_page();
    page.references({"a(1)", "b-c(5)"});
    EXPECT_THAT(page.take(), EndsWith(".SH SEE ALSO\n.BR a (1) ,\n.BR b\\-c (5)\n"));
}

}  // namespace
}  // namespace whylink::manual
