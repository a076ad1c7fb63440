#include "manual/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/schema.hpp"
#include "daemon/http/metric_families.hpp"
#include "daemon/texts/metrics.hpp"

namespace whylink::manual {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Release release{"1.2.3", "2026-01-31"};

std::string code(std::string_view text) {
    std::string made;
    for (const char c : text) {
        made += c == '-' ? "\\-" : std::string(1, c);
    }
    return made;
}

/// The part of the page that is about one command.
std::string part_of(const std::string& page, const std::string& command) {
    const std::size_t begin = page.find(".SS whylink " + command + "\n");
    if (begin == std::string::npos) {
        return "";
    }
    return page.substr(begin, page.find("\n.S", begin + 1) - begin);
}

void expect_command(const std::string& page, const daemon::CommandDescription& command) {
    SCOPED_TRACE(command.name);
    for (const daemon::CommandDescription& one : command.commands) {
        expect_command(page, one);
    }
    if (!command.commands.empty()) {
        return;
    }
    const std::string own = part_of(page, command.name);
    const std::string of_all = page.substr(page.find(".SH OPTIONS OF EVERY COMMAND"));
    ASSERT_FALSE(own.empty());
    for (const daemon::OptionDescription& option : command.options) {
        for (const std::string& name : option.names) {
            EXPECT_THAT(own + of_all, HasSubstr("\\fB" + code(name) + "\\fR"));
        }
    }
    for (const daemon::OptionDescription& argument : command.arguments) {
        EXPECT_THAT(own, HasSubstr("\\fB" + code(argument.names.front()) + "\\fR"));
    }
}

TEST(ManualTest, EveryCommandAndOptionIsInTheManual) {
    const daemon::CommandDescription program = daemon::describe_command_line();
    ASSERT_EQ(program.name, "whylink");
    ASSERT_FALSE(program.commands.empty());
    const std::string page = command_page(program, release);
    for (const daemon::CommandDescription& command : program.commands) {
        expect_command(page, command);
    }
}

TEST(ManualTest, TheExitStatusIsSaidOnceForTheCommandsThatShareIt) {
    const std::string page = command_page(daemon::describe_command_line(), release);
    const std::string text = "at least one target is unhealthy";
    EXPECT_THAT(page, HasSubstr(text));
    EXPECT_EQ(page.find(text), page.rfind(text));
}

TEST(ManualTest, EveryKeyIsInTheManualUnderItsTable) {
    const std::string page = configuration_page(release);
    for (const config::Key& key : config::keys()) {
        if (key.inherited) {
            continue;
        }
        SCOPED_TRACE(key.name);
        const std::string title =
            key.section == config::Section::top ? "Top level" : std::string(config::header(key.section));
        const std::size_t begin = page.find("\n.SS " + title + "\n");
        ASSERT_NE(begin, std::string::npos) << title;
        const std::string section = page.substr(begin, page.find("\n.S", begin + 1) - begin);
        EXPECT_THAT(section, HasSubstr(".TP\n\\fB" + code(key.name) + "\\fR\n"));
    }
}

TEST(ManualTest, EveryKeyOfAProfileIsInTheManual) {
    const std::string page = configuration_page(release);
    const std::string profiles = page.substr(page.find(".SH PROFILES"));
    for (const config::Key& key : config::profile_keys()) {
        EXPECT_THAT(profiles, HasSubstr(".TP\n\\fB" + code(key.name) + "\\fR\n"));
    }
}

TEST(ManualTest, EveryMetricIsInTheManual) {
    const std::string page = metrics_page(release);
    for (const daemon::http::MetricFamily& family : daemon::http::metric_families()) {
        EXPECT_THAT(page, HasSubstr(".TP\n\\fB" + code(family.name) + "\\fR\n"));
    }
}

TEST(ManualTest, AMetricThatThisVersionDoesNotHaveIsNot) {
    const std::string page = metrics_page(release);
    for (const daemon::MetricText& metric : daemon::metric_texts()) {
        if (!metric.planned.empty()) {
            EXPECT_THAT(page, Not(HasSubstr("\\fB" + metric.name + "\\fR\n")));
        }
    }
}

}  // namespace
}  // namespace whylink::manual
