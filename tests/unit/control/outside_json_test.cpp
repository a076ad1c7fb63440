#include "control/outside_json.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

TEST(OutsideJson, RefusesWhatIsNoJson) {
    for (const char* body : {"", "{", "[1, 2", "nil", "{\"a\": \"\xff\"}", "{} {}"}) {
        EXPECT_FALSE(parse_json(body)) << body;
    }
}

TEST(OutsideJson, RefusesWhatIsNestedTooDeep) {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '[') +
               std::string(static_cast<std::size_t>(depth), ']');
    };
    EXPECT_TRUE(parse_json(nested(max_json_depth)));
    EXPECT_FALSE(parse_json(nested(max_json_depth + 1)));
    EXPECT_FALSE(parse_json(nested(1'000'000)));
    EXPECT_TRUE(parse_json("\"" + std::string(100, '[') + "\\\"" + std::string(100, '[') + "\""));
}

TEST(OutsideJson, FindsMembersByTheirPath) {
    const auto document = parse_json(R"({"a": {"b": {"c": "text", "n": 7, "s": "8", "f": true}}})");
    ASSERT_TRUE(document);
    EXPECT_EQ(json_text(*document, "a.b.c"), "text");
    EXPECT_EQ(json_number(*document, "a.b.n"), 7U);
    EXPECT_EQ(json_number(*document, "a.b.s"), 8U);
    EXPECT_EQ(json_flag(*document, "a.b.f"), true);
}

TEST(OutsideJson, TakesAnotherTypeForMissing) {
    const auto document =
        parse_json(R"({"a": 1, "n": -1, "m": 4294967296, "s": "8x", "t": [1], "o": {"x": null}})");
    ASSERT_TRUE(document);
    EXPECT_EQ(json_text(*document, "a"), "");
    EXPECT_EQ(json_text(*document, "a.b"), "");
    EXPECT_EQ(json_number(*document, "n"), std::nullopt);
    EXPECT_EQ(json_number(*document, "m"), std::nullopt);
    EXPECT_EQ(json_number(*document, "s"), std::nullopt);
    EXPECT_EQ(json_flag(*document, "a"), std::nullopt);
    EXPECT_EQ(json_list(*document, "t"), nullptr);
    EXPECT_EQ(json_list(*document, "o"), nullptr);
    EXPECT_TRUE(json_texts(*document, "missing").empty());
}

TEST(OutsideJson, MakesTextsFitToBeShown) {
    const auto document = parse_json(R"({"a": "one\u001b[2Jtwo"})");
    ASSERT_TRUE(document);
    EXPECT_EQ(json_text(*document, "a").find('\x1b'), std::string::npos);
}

TEST(OutsideJson, LeavesOutWhatIsNoAddress) {
    const auto document =
        parse_json(R"({"a": ["10.0.0.4", "x", "fd00::4"], "n": ["10.0.0.0/8", "Internet"]})");
    ASSERT_TRUE(document);
    EXPECT_EQ(json_addresses(*document, "a").size(), 2U);
    ASSERT_EQ(json_networks(*document, "n").size(), 1U);
    EXPECT_EQ(json_networks(*document, "n").front().to_string(), "10.0.0.0/8");
}

}  // namespace
}  // namespace whylink::control
