#include "manual/completions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "manual/values.hpp"

namespace whylink::manual {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using daemon::CommandDescription;
using daemon::OptionDescription;

const CommandDescription& program() {
    static const CommandDescription description = daemon::describe_command_line();
    return description;
}

const CommandDescription& command(const std::string& name) {
    for (const CommandDescription& one : program().commands) {
        if (one.name == name) {
            return one;
        }
    }
    throw std::logic_error("no command " + name);
}

const OptionDescription& option(const std::string& command_name, const std::string& name) {
    for (const OptionDescription& one : command(command_name).options) {
        if (one.names.back() == name) {
            return one;
        }
    }
    throw std::logic_error("no option " + name);
}

/// Calls `see` with each command and each name of its options.
template <class See>
void for_all(const CommandDescription& from, See see) {
    for (const OptionDescription& one : from.options) {
        for (const std::string& name : one.names) {
            see(from, name);
        }
    }
    for (const CommandDescription& one : from.commands) {
        for_all(one, see);
    }
}

TEST(CompletionsTest, BashHasEveryOptionOfEveryCommand) {
    const std::string script = bash_completion(program());
    const std::string options = script.substr(script.find("$cur == -*"));
    for_all(program(), [&options](const CommandDescription& at, const std::string& name) {
        const std::string path = at.name == "whylink" ? "" : at.name;
        const std::size_t line = options.find("\"" + path + "\") _whylink_words \"-");
        ASSERT_NE(line, std::string::npos) << at.name;
        EXPECT_THAT(options.substr(line, options.find(";;", line) - line), HasSubstr(name)) << at.name;
    });
}

TEST(CompletionsTest, ZshHasEveryOptionOfEveryCommand) {
    const std::string script = zsh_completion(program());
    for_all(program(), [&script](const CommandDescription& at, const std::string& name) {
        std::string function = "\n_whylink_" + at.name + "() {";
        std::ranges::replace(function, ' ', '_');
        function.replace(function.find("()_{"), 4, "() {");
        const std::size_t begin = script.find(function);
        ASSERT_NE(begin, std::string::npos) << function;
        EXPECT_THAT(script.substr(begin, script.find("\n}\n", begin) - begin), HasSubstr("'*" + name + "["))
            << at.name;
    });
}

TEST(CompletionsTest, FishHasEveryOptionOfEveryCommand) {
    const std::string script = fish_completion(program());
    for_all(program(), [&script](const CommandDescription& at, const std::string& name) {
        const std::string path = at.name == "whylink" ? "" : at.name;
        const std::string spelled =
            name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        std::size_t line = 0;
        bool found = false;
        while ((line = script.find("'__whylink_at " + path + "'", line)) != std::string::npos) {
            const std::string text = script.substr(line, script.find('\n', line) - line);
            found = found || text.find(spelled + " ") != std::string::npos;
            line += 1;
        }
        EXPECT_TRUE(found) << at.name << " " << name;
    });
}

TEST(CompletionsTest, WordsOfAnOptionAreThoseThatItTakes) {
    EXPECT_THAT(values_of("check", option("check", "--format")).words,
                ElementsAre("human", "json", "nagios"));
    EXPECT_THAT(values_of("compare", option("compare", "--format")).words, ElementsAre("human", "json"));
    EXPECT_THAT(values_of("check", option("check", "--color")).words, ElementsAre("auto", "always", "never"));
    EXPECT_THAT(values_of("diagnose", option("diagnose", "--profile")).words, Contains("clickhouse-azure"));
    EXPECT_THAT(values_of("diagnose", option("diagnose", "--app")).words, Contains("redis"));
}

TEST(CompletionsTest, FilesTargetsAndSlugsAreOffered) {
    EXPECT_EQ(values_of("check", option("check", "--pcap")).offer, Offer::files);
    EXPECT_EQ(values_of("check", command("check").arguments.front()).offer, Offer::targets);
    EXPECT_EQ(values_of("history", command("history").arguments.front()).offer, Offer::targets);
    EXPECT_EQ(values_of("bundle", command("bundle").arguments.front()).offer, Offer::targets);
    EXPECT_EQ(values_of("bundle", option("bundle", "--output")).offer, Offer::files);
    EXPECT_EQ(values_of("compare", command("compare").arguments.front()).offer, Offer::files);
    EXPECT_THAT(values_of("explain", command("explain").arguments.front()).words,
                Contains("not_on_allowlist"));
}

TEST(CompletionsTest, NothingIsOfferedForWhatOnlyTheUserKnows) {
    const Values values = values_of("diagnose", option("diagnose", "--timeout"));
    EXPECT_EQ(values.offer, Offer::nothing);
    EXPECT_THAT(values.words, IsEmpty());
}

TEST(CompletionsTest, AnApostropheInAHelpTextEndsNoWord) {
    CommandDescription odd{"whylink", "Odd", "", {}, {}, {}};
    odd.options.push_back({{"--a"}, "", {}, "the system's [own]: yes"});
    EXPECT_THAT(zsh_completion(odd), HasSubstr(R"('*--a[the system'\''s \[own\]\: yes]')"));
    EXPECT_THAT(fish_completion(odd), HasSubstr(R"(-l a -d 'the system\'s [own]: yes')"));
}

}  // namespace
}  // namespace whylink::manual
