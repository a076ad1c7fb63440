#include "checks/texts/read.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

#include "checks/texts/causes.hpp"
#include "checks/texts/files.hpp"

namespace whylink::checks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

enum class Colour { red, blue };

consteval auto vocabulary(Colour) {
    return terms<Colour>({{Colour::red, "red"}, {Colour::blue, "blue"}});
}

struct ColourText {
    Colour colour;
    std::string title;
    std::string note;
    std::vector<std::string> steps;
};

std::vector<ColourText> read(std::string_view toml) {
    return read_texts<Colour>({"colours", toml}, [](Colour colour, TextTable& table) {
        return ColourText{colour, table.text("title"), table.optional_text("note"), table.list("steps")};
    });
}

template <class Call>
std::string mistake(Call call) {
    try {
        call();
    } catch (const std::logic_error& error) {
        return error.what();
    }
    return "";
}

std::string mistake_in(std::string_view toml) {
    return mistake([toml] { read(toml); });
}

TEST(ReadTexts, AreInTheOrderOfTheEnumeration) {
    const auto texts =
        read("[blue]\ntitle = \"b\"\nnote = \"n\"\n[red]\ntitle = \"r\"\nsteps = [\"1\", \"2\"]\n");
    ASSERT_EQ(texts.size(), 2U);
    EXPECT_EQ(texts[0].title, "r");
    EXPECT_EQ(texts[0].note, "");
    EXPECT_THAT(texts[0].steps, ElementsAre("1", "2"));
    EXPECT_EQ(texts[1].colour, Colour::blue);
    EXPECT_EQ(texts[1].note, "n");
    EXPECT_TRUE(texts[1].steps.empty());
}

TEST(ReadTexts, SayWhatIsWrongAndWhere) {
    const std::string blue = "[blue]\ntitle = \"b\"\n";
    EXPECT_EQ(mistake_in(blue), "colours.toml, red: there is no such table");
    EXPECT_EQ(mistake_in("red = 1\n" + blue), "colours.toml, red: there is no such table");
    EXPECT_EQ(mistake_in(blue + "[red]\n"), "colours.toml, red: there is no title");
    EXPECT_EQ(mistake_in(blue + "[red]\ntitle = \"\"\n"),
              "colours.toml, red: title must be a text; found \"\"");
    EXPECT_EQ(mistake_in(blue + "[red]\ntitle = 1\n"), "colours.toml, red: title must be a text; found 1");
    EXPECT_EQ(mistake_in(blue + "[red]\ntitle = \"r\"\nsteps = \"1\"\n"),
              "colours.toml, red: steps must be an array; found \"1\"");
    EXPECT_EQ(mistake_in(blue + "[red]\ntitle = \"r\"\nsteps = [1]\n"),
              "colours.toml, red: steps must be a text; found 1");
    EXPECT_EQ(mistake_in(blue + "[red]\ntitle = \"r\"\nstep = []\n"), "colours.toml, red: unknown key step");
    EXPECT_EQ(mistake_in(blue + "[red]\ntitle = \"r\"\n[green]\n"), "colours.toml: no slug is green");
    EXPECT_THAT(mistake_in("[red\n"), HasSubstr("colours.toml, line 1: "));
    EXPECT_NE(mistake([] { text_file("colours"); }), "");
}

/// Every cause with the same texts, and `steps` for no_route.
std::string causes(std::string_view steps) {
    std::string toml;
    for (const std::string_view cause : slugs_of<Cause>) {
        toml += "[" + std::string(cause) + "]\ntitle = \"t\"\nmeaning = \"m\"\ntold_apart = \"a\"\n";
        toml += cause == "no_route" ? "steps = " + std::string(steps) + "\n" : "";
    }
    return toml;
}

constexpr std::array<config::EmbeddedToml, 3> steps{{
    {"aws", "no_route = [\"aws 1\", \"aws 2\"]"},
    {"azure", "no_route = [\"azure\"]"},
    {"gcp", ""},
}};

std::vector<std::string> no_route_steps(std::string_view listed) {
    const std::string toml = causes(listed);
    const std::vector<CauseText> texts = read_cause_texts({"causes", toml}, steps);
    std::vector<std::string> said;
    for (const Step& step : texts.at(static_cast<std::size_t>(Cause::no_route)).steps) {
        said.push_back(prefix(step.provider) + step.text);
    }
    return said;
}

TEST(CauseTexts, TheStepsOfTheProvidersStandAtTheirPlaces) {
    EXPECT_THAT(no_route_steps(R"(["1", "{providers}", "2"])"),
                ElementsAre("1", "AWS: aws 1", "AWS: aws 2", "Azure: azure", "2"));
    EXPECT_THAT(no_route_steps(R"(["{azure}", "1", "{providers}"])"),
                ElementsAre("Azure: azure", "1", "AWS: aws 1", "AWS: aws 2"));
}

TEST(CauseTexts, SayWhoActsAndWhatSettlesThem) {
    const auto with = [](std::string_view keys) {
        std::string toml = causes("[]");
        toml.insert(toml.find("[no_route]\n") + std::string_view("[no_route]\n").size(), keys);
        return read_cause_texts({"causes", toml}, {}).at(static_cast<std::size_t>(Cause::no_route));
    };
    EXPECT_EQ(with("").who, Actor::host);
    EXPECT_EQ(with("").settle, "");
    const CauseText text = with("who = \"service\"\nsettle = \"Ask for {address}.\"\n");
    EXPECT_EQ(text.who, Actor::service);
    EXPECT_EQ(text.settle, "Ask for {address}.");
    EXPECT_EQ(mistake([&] { with("who = \"nobody\"\n"); }),
              "no_route: who must be host, network or service; found nobody");
}

TEST(CauseTexts, NoStepsOfAProviderAreLost) {
    EXPECT_EQ(mistake([] { no_route_steps(R"(["1"])"); }), "no_route: no place for the steps of aws");
    EXPECT_EQ(mistake([] { no_route_steps(R"(["{aws}"])"); }), "no_route: no place for the steps of azure");
}

TEST(CauseTexts, ProvidersAndTheirCausesAreKnown) {
    const std::string toml = causes("[]");
    const auto with = [&toml](const config::EmbeddedToml& file) {
        return mistake([&] { read_cause_texts({"causes", toml}, std::span(&file, 1)); });
    };
    EXPECT_EQ(with({"aws", "no_road = [\"1\"]"}), "steps/aws.toml: unknown key no_road");
    EXPECT_EQ(with({"oci", ""}), "oci: no such provider");
    EXPECT_EQ(with({"gcp", ""}), "");
}

}  // namespace
}  // namespace whylink::checks
