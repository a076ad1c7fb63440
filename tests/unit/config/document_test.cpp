#include "config/document.hpp"

#include <gtest/gtest.h>

#include <string>

namespace whylink::config {
namespace {

Table parsed(std::string_view text) {
    auto document = parse_document(text);
    if (const auto* error = std::get_if<SyntaxError>(&document)) {
        ADD_FAILURE() << error->what;
        return {};
    }
    return std::get<Table>(std::move(document));
}

TEST(Document, KeepsTheOrderAndThePlacesOfTheFile) {
    const Table root = parsed("z = 1\n\n[[b]]\n  a = \"x\"\n[[b]]\n");
    ASSERT_EQ(root.size(), 2U);
    EXPECT_EQ(root[0].key, "z");
    EXPECT_EQ(root[0].value.at, (Position{1, 5}));
    const auto& tables = std::get<Array>(root[1].value.data);
    ASSERT_EQ(tables.size(), 2U);
    EXPECT_EQ(tables[0].at, (Position{3, 1}));
    EXPECT_EQ(tables[1].at, (Position{5, 1}));
    const auto& first = std::get<Table>(tables[0].data);
    EXPECT_EQ(first[0].at, (Position{4, 3}));
    EXPECT_EQ(first[0].value.at, (Position{4, 7}));
}

TEST(Document, AnEmptyTextIsAnEmptyTable) {
    EXPECT_TRUE(parsed("").empty());
    EXPECT_TRUE(parsed("# nothing\n").empty());
    EXPECT_TRUE(parsed("\xEF\xBB\xBF").empty());
}

TEST(Document, ASyntaxErrorHasItsPlace) {
    const auto document = parse_document("a = 1\nb = \n");
    const auto* error = std::get_if<SyntaxError>(&document);
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->at.line, 2U);
}

TEST(Document, LettersOutsideAsciiAreSyntaxErrorsOutsideStrings) {
    // U+00E9, U+3001, U+FEDF: blocks of white space that they are next to, and are not.
    for (const char* letter : {"\xC3\xA9", "\xE3\x80\x81", "\xEF\xBB\x9F"}) {
        EXPECT_TRUE(std::holds_alternative<SyntaxError>(parse_document(letter)));
        EXPECT_TRUE(std::holds_alternative<SyntaxError>(parse_document(std::string("a = ") + letter)));
        const Table root = parsed(std::string("a = \"\"\"\\\n  ") + letter + "\"\"\" # " + letter + "\n");
        EXPECT_EQ(std::get<std::string>(root.at(0).value.data), letter);
    }
}

TEST(Document, DotsInStringsAndCommentsAreNoNesting) {
    const std::string dots(200, '.');
    const Table root = parsed("a = \"" + dots + "\" # " + dots + "\nb = '" + dots + "'\nc = \"\"\"\n" + dots +
                              "\n\\\"\"\" + dots\"\"\"\nd = '''" + dots + "\n" + dots + "'''\n\"" + dots +
                              "\" = \"\\\"" + dots + "\"\n");
    EXPECT_EQ(root.size(), 5U);
}

TEST(Document, DeepNestingIsASyntaxErrorAndNotAnOverflow) {
    std::string keys = "a";
    for (int i = 0; i < 100'000; ++i) {
        keys += ".a";
    }
    for (const std::string& text :
         {keys + " = 1", "[" + keys + "]", "a = " + std::string(100'000, '['), "a = {" + keys + " = 1}",
          "'x' . " + keys + " = 1", "x = \"\"\"a\"\"\"\"\"\n" + keys + " = 1"}) {
        EXPECT_TRUE(std::holds_alternative<SyntaxError>(parse_document(text))) << text.substr(0, 20);
    }
}

TEST(Document, DescribesWhatWasFound) {
    const Table root = parsed(
        "a = true\nb = -7\nc = 2.0\nd = 2.5\ne = \"x\\ty\"\nf = 1979-05-27\ng = []\nh = {}\ni = inf\n");
    std::vector<std::string> found;
    for (const Member& member : root) {
        found.push_back(found_text(member.value));
    }
    const std::vector<std::string> expected{"true",           "-7",       "2.0",     "2.5", "\"x\\ty\"",
                                            "a date or time", "an array", "a table", "inf"};
    EXPECT_EQ(found, expected);
}

TEST(Document, CutsLongTextBetweenCharacters) {
    // 59 bytes and then a character of two: the cut at 60 would split it.
    const std::string text = std::string(59, 'a') + "\xC3\xBC" + "bc";
    EXPECT_EQ(found_text({{}, text}), "\"" + std::string(59, 'a') + "\"...");
}

TEST(Document, QuotesEveryByteSafely) {
    std::string all;
    for (char c = 1; c < 127; ++c) {
        all += c;
    }
    all += "\x7F\xC3\xBC";
    all.push_back('\0');
    const Table root = parsed("text = " + toml_string(all));
    EXPECT_EQ(std::get<std::string>(root[0].value.data), all);
}

}  // namespace
}  // namespace whylink::config
