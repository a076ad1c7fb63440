#include "daemon/commands/foreign_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace whylink::daemon {
namespace {

TEST(ForeignReport, WhatADaemonWritesStays) {
    const std::string report =
        "\x1b[31m✗ orders\x1b[0m\n\tno SYN-ACK: 5 SYNs in 5 s — \x1b[1;38;5;9mcritical\x1b[m\n";
    EXPECT_EQ(fit_for_terminal(report, ReportText::coloured), report);
    EXPECT_EQ(fit_for_terminal("✓ 0.3 ms\n", ReportText::plain), "✓ 0.3 ms\n");
    EXPECT_EQ(fit_for_terminal("", ReportText::coloured), "");
}

TEST(ForeignReport, WhatDoesSomethingToATerminalIsEscaped) {
    const auto fit = [](std::string_view text) { return fit_for_terminal(text, ReportText::coloured); };
    EXPECT_EQ(fit("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
    EXPECT_EQ(fit("\x1b[2J\x1b[H"), "\\x1b[2J\\x1b[H");
    EXPECT_EQ(fit("\x1b[6n"), "\\x1b[6n");
    EXPECT_EQ(fit("\x1b[31"), "\\x1b[31");
    EXPECT_EQ(fit("\x1b[" + std::string(100, '1') + "m"), "\\x1b[" + std::string(100, '1') + "m");
    EXPECT_EQ(fit("a\rb\bc\x7f"), "a\\x0db\\x08c\\x7f");
    EXPECT_EQ(fit("\xc2\x9b"
                  "31m\xff"),
              "\\x9b31m\\xff");
    EXPECT_EQ(fit("\xe2\x80\xae"), "\\u{202e}");
}

TEST(ForeignReport, WithoutColoursThereAreNone) {
    EXPECT_EQ(fit_for_terminal("\x1b[31mred", ReportText::plain), "\\x1b[31mred");
    EXPECT_EQ(fit_for_terminal("\x1b[31mred", ReportText::json), "\\u001b[31mred");
}

TEST(ForeignReport, JsonStaysTheSameDocument) {
    const std::string report =
        "{\n \"name\": \"a\xc2\x9b"
        "b\xe2\x80\xae \xf3\xa0\x81\x81 \\u001b é\"\n}\n";
    const std::string shown = fit_for_terminal(report, ReportText::json);
    EXPECT_EQ(shown, "{\n \"name\": \"a\\u009bb\\u202e \\udb40\\udc41 \\u001b é\"\n}\n");
    EXPECT_EQ(nlohmann::json::parse(shown), nlohmann::json::parse(report));
}

}  // namespace
}  // namespace whylink::daemon
