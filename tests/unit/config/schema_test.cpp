#include "config/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "config/ascii.hpp"
#include "config/duration.hpp"
#include "config/load.hpp"
#include "config/values.hpp"

namespace whylink::config {
namespace {

std::string source_file(const std::string& name) {
    std::ifstream stream(std::string(WHYLINK_SOURCE_DIR) + "/" + name);
    EXPECT_TRUE(stream) << name;
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

TEST(Schema, EveryKeyIsNamedOnceInItsTableAndExplained) {
    std::set<std::pair<Section, std::string_view>> seen;
    for (const Key& key : keys()) {
        EXPECT_TRUE(seen.insert({key.section, key.name}).second) << header(key.section) << key.name;
        EXPECT_FALSE(key.help.empty()) << key.name;
        EXPECT_TRUE(key.help.ends_with('.')) << key.name;
        EXPECT_FALSE(describe(key).empty()) << key.name;
        EXPECT_FALSE(key.required && !key.fallback.empty()) << key.name;
    }
}

TEST(Schema, NumbersAndChoicesHaveARange) {
    for (const Key& key : keys()) {
        if (key.kind == Kind::integer || key.kind == Kind::duration || key.kind == Kind::size) {
            EXPECT_LT(key.min, key.max) << key.name;
        }
        EXPECT_EQ(key.kind == Kind::choice, !key.choices.empty()) << key.name;
    }
}

/// As the config would have it, in the unit of the key's range; -1 for what is none.
std::int64_t number(const Key& key, const std::string& example) {
    if (key.kind == Kind::integer) {
        const auto integer = parse_number<std::uint32_t>(example);
        return integer ? std::int64_t{*integer} : -1;
    }
    if (example.size() < 2 || !example.starts_with('"') || !example.ends_with('"')) {
        return -1;
    }
    const std::string text = example.substr(1, example.size() - 2);
    if (key.kind == Kind::size) {
        return static_cast<std::int64_t>(parse_size(text).value_or(0));
    }
    const auto duration = parse_duration(text);
    return duration ? duration->count() : -1;
}

TEST(Schema, NumbersHaveAnExampleInTheirRange) {
    for (const Key& key : keys()) {
        if (key.kind == Kind::integer || key.kind == Kind::duration || key.kind == Kind::size) {
            const std::string example = example_of(key);
            EXPECT_GE(number(key, example), key.min) << header(key.section) << key.name << ": " << example;
            EXPECT_LE(number(key, example), key.max) << header(key.section) << key.name << ": " << example;
        }
    }
}

TEST(Schema, TextsHaveAnExampleThatTheyTake) {
    for (const Key& key : keys()) {
        const std::string example = example_of(key);
        if (example.starts_with('"') && key.kind != Kind::duration && key.kind != Kind::size) {
            EXPECT_FALSE(text_fault(key.kind, example.substr(1, example.size() - 2)))
                << header(key.section) << key.name << ": " << example;
        }
    }
}

TEST(Schema, EveryKeyOfTheDefaultsStandsInEndpointsAndZones) {
    for (const std::string_view name : names(Section::defaults)) {
        for (const Section section : {Section::endpoint, Section::zone}) {
            const auto known = names(section);
            EXPECT_NE(std::ranges::find(known, name), known.end()) << name;
        }
    }
}

/// With WHYLINK_UPDATE_DOCS in the environment the page is written again.
TEST(Schema, TheReferencePageIsPrintedFromTheTable) {
    if (std::getenv("WHYLINK_UPDATE_DOCS") != nullptr) {
        std::ofstream(std::string(WHYLINK_SOURCE_DIR) + "/docs/reference/configuration.md")
            << reference_markdown();
    }
    EXPECT_EQ(source_file("docs/reference/configuration.md"), reference_markdown());
}

TEST(Schema, TheShippedConfigLoadsAndChecksNothingYet) {
    const LoadResult result = load_file(std::string(WHYLINK_SOURCE_DIR) + "/config/whylink.toml");
    for (const Error& error : result.errors) {
        ADD_FAILURE() << error.to_string();
    }
    Config expected;
    expected.daemon.allow_empty = true;
    EXPECT_EQ(result.config, expected);
}

/// Takes the "# " away from every line that has one, but not from prose, which starts with "## ".
std::string uncommented(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# ") || line == "#") {
            line.erase(0, std::min<std::size_t>(2, line.size()));
        }
        result += line + "\n";
    }
    return result;
}

TEST(Schema, TheExamplesOfTheShippedConfigLoadToo) {
    const std::string text = uncommented(source_file("config/whylink.toml"));
    const LoadResult result = load_text(text, "/etc/whylink/whylink.toml");
    for (const Error& error : result.errors) {
        ADD_FAILURE() << error.to_string();
    }
    EXPECT_FALSE(all_of_kind<Endpoint>(result.config.targets).empty());
    EXPECT_FALSE(all_of_kind<Zone>(result.config.targets).empty());
    EXPECT_FALSE(all_of_kind<Watch>(result.config.targets).empty());
}

}  // namespace
}  // namespace whylink::config
