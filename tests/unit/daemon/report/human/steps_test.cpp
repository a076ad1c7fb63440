#include "daemon/report/human/steps.hpp"

#include <gtest/gtest.h>

#include <string>

namespace whylink::daemon {
namespace {

constexpr std::size_t room = 40;
const std::string command = "curl --silent https://api.example/v1/services/x";

std::string written(std::string_view step) {
    Canvas canvas({60, false, true});
    write_step(canvas, 2, step);
    return canvas.take();
}

TEST(Steps, AShortCommandStaysAmongTheWords) {
    const auto parts = step_parts("Run `ss -ltn` on the server and look for the port.", room);
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0].text, "Run `ss -ltn` on the server and look for the port.");
}

TEST(Steps, ALongCommandHasALineOfItsOwn) {
    EXPECT_EQ(written("Ask for the list: `" + command + "`."),
              "   2. Ask for the list:\n        " + command + "\n");
}

TEST(Steps, WhatFollowsACommandIsASentence) {
    EXPECT_EQ(written("Ask for the list, `" + command + "`; an empty one allows nobody."),
              "   2. Ask for the list:\n        " + command + "\n      An empty one allows nobody.\n");
}

TEST(Steps, ACommandAloneIsTheStep) {
    EXPECT_EQ(written("`" + command + " --with-more`"), "   2. " + command + " --with-more\n");
}

TEST(Steps, ACommandThatDoesNotEndIsText) {
    const auto parts = step_parts("Run `ss", room);
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0].text, "Run `ss");
    EXPECT_FALSE(parts[0].command);
}

TEST(Steps, CommandsAreNotBroken) {
    const std::string longer = command + " " + command + " " + command;
    EXPECT_NE(written("Run `" + longer + "`.").find("\n        " + longer + "\n"), std::string::npos);
}

TEST(Steps, TheFirstActionIsWithoutWhatExplains) {
    EXPECT_EQ(first_action("Compare both. Records outlive an endpoint."), "Compare both.");
    EXPECT_EQ(first_action("Ask: `a. b; c`; an empty one allows nobody."), "Ask: `a. b; c`.");
    EXPECT_EQ(first_action("Look for a zone; correct it"), "Look for a zone; correct it.");
    EXPECT_EQ(first_action(""), "");
}

}  // namespace
}  // namespace whylink::daemon
