#include "daemon/import/yaml.hpp"

#include <gtest/gtest.h>

#include <string>

namespace whylink::daemon::yaml {
namespace {

Node tree(const std::string& text) {
    auto root = parse(text);
    if (const auto* fault = std::get_if<Fault>(&root)) {
        ADD_FAILURE() << fault->line << ":" << fault->column << ": " << fault->what;
        return {};
    }
    return std::get<Node>(std::move(root));
}

std::string fault(const std::string& text) {
    const auto root = parse(text);
    const auto* found = std::get_if<Fault>(&root);
    return found == nullptr
               ? "none"
               : std::to_string(found->line) + ":" + std::to_string(found->column) + ": " + found->what;
}

TEST(Yaml, HasScalarsListsAndMapsWithTheirPlaces) {
    const Node root = tree("a: 1\nb:\n  - x\n  - \"y: z\"\nc:\n");
    ASSERT_EQ(root.kind, Node::Kind::map);
    ASSERT_NE(root.find("a"), nullptr);
    EXPECT_EQ(root.find("a")->scalar, "1");
    const Node* list = root.find("b");
    ASSERT_NE(list, nullptr);
    ASSERT_EQ(list->list.size(), 2U);
    EXPECT_EQ(list->list[1].scalar, "y: z");
    EXPECT_EQ(list->list[1].line, 4U);
    EXPECT_EQ(list->list[1].column, 5U);
    ASSERT_NE(root.find("c"), nullptr);
    EXPECT_EQ(root.find("c")->kind, Node::Kind::null);
    EXPECT_EQ(root.find("d"), nullptr);
}

TEST(Yaml, AnEmptyTextIsNothing) {
    EXPECT_EQ(tree("").kind, Node::Kind::null);
    EXPECT_EQ(tree("# a comment\n").kind, Node::Kind::null);
}

TEST(Yaml, AnAliasIsWhatItStandsForAndAMergeAddsWhatIsNotThere) {
    const Node root = tree("base: &base {a: 1, b: 2}\nsame: *base\nmore:\n  <<: *base\n  b: 3\n");
    ASSERT_NE(root.find("same"), nullptr);
    EXPECT_EQ(root.find("same")->find("a")->scalar, "1");
    const Node* more = root.find("more");
    ASSERT_NE(more, nullptr);
    EXPECT_EQ(more->find("a")->scalar, "1");
    EXPECT_EQ(more->find("b")->scalar, "3");
    EXPECT_EQ(more->find("<<"), nullptr);
}

TEST(Yaml, AFaultHasItsPlace) {
    EXPECT_TRUE(fault("a: 1\nb: [1, 2\n").starts_with("3:") || fault("a: 1\nb: [1, 2\n").starts_with("2:"))
        << fault("a: 1\nb: [1, 2\n");
    EXPECT_EQ(fault("a: 1\nb: 2\na: 3\n"), "3:1: the key \"a\" stands twice");
    EXPECT_NE(fault("? [a, b]\n: 1\n").find("a key must be a scalar"), std::string::npos);
    EXPECT_NE(fault("a: *nobody\n"), "none");
}

TEST(Yaml, IsBounded) {
    EXPECT_EQ(fault(std::string(max_size + 1, ' ')), "1:1: 4194305 bytes, and at most 4194304 are read");
    std::string deep;
    for (unsigned i = 0; i < 40; ++i) {
        deep += "[";
    }
    EXPECT_NE(fault(deep + std::string(40, ']')).find("more than 32 values within each other"),
              std::string::npos);
    // Beyond what the library itself goes into.
    EXPECT_NE(fault(std::string(100'000, '[')), "none");
}

TEST(Yaml, AliasesOfAliasesAreCounted) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 8; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k) {
            bomb += (k == 0 ? "" : ", ") + before;
        }
        bomb += "]\n";
    }
    EXPECT_NE(fault(bomb).find("more than 200000 values, aliases counted as what they stand for"),
              std::string::npos);
}

}  // namespace
}  // namespace whylink::daemon::yaml
