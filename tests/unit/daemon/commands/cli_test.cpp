#include "daemon/commands/cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

CommandLine parsed(const std::vector<std::string>& arguments) {
    auto result = parse_command_line(arguments);
    const auto* early = std::get_if<EarlyExit>(&result);
    EXPECT_EQ(early, nullptr) << (early == nullptr ? "" : early->error);
    return early == nullptr ? std::get<CommandLine>(std::move(result)) : CommandLine{};
}

EarlyExit refused(const std::vector<std::string>& arguments) {
    auto result = parse_command_line(arguments);
    const auto* early = std::get_if<EarlyExit>(&result);
    EXPECT_NE(early, nullptr);
    return early == nullptr ? EarlyExit{-1, "", ""} : *early;
}

TEST(Cli, CheckHasItsDefaults) {
    const CommandLine line = parsed({"check"});
    EXPECT_THAT(std::get<CheckCommand>(line.command).names, IsEmpty());
    EXPECT_EQ(line.config_file, "/etc/whylink/whylink.toml");
    EXPECT_EQ(line.format, &human_format);
    EXPECT_EQ(line.record_file, "");
}

TEST(Cli, CheckTakesNamesAndOptionsInAnyOrder) {
    const CommandLine line =
        parsed({"check", "a", "--format", "json", "b", "--config=/x.toml", "--record", "r.json"});
    EXPECT_THAT(std::get<CheckCommand>(line.command).names, ElementsAre("a", "b"));
    EXPECT_EQ(line.config_file, "/x.toml");
    EXPECT_EQ(line.format, &json_format);
    EXPECT_EQ(line.record_file, "r.json");
}

TEST(Cli, CheckWritesThePacketsWhereItIsTold) {
    EXPECT_EQ(std::get<CheckCommand>(parsed({"check"}).command).pcap_file, "");
    const auto command = std::get<CheckCommand>(parsed({"check", "--pcap", "p.pcapng", "a"}).command);
    EXPECT_EQ(command.pcap_file, "p.pcapng");
    EXPECT_THAT(command.names, ElementsAre("a"));
    EXPECT_THAT(refused({"check", "--pcap", ""}).error, HasSubstr("--pcap"));
}

TEST(Cli, DiagnoseReadsAccountsThatAreNamedOrFound) {
    const auto plain = std::get<DiagnoseCommand>(parsed({"diagnose", "h:1"}).command);
    EXPECT_THAT(plain.accounts, IsEmpty());
    EXPECT_FALSE(plain.control);
    EXPECT_FALSE(plain.where);
    const auto command = std::get<DiagnoseCommand>(
        parsed({"diagnose", "--account", "acme", "--account", "ch", "--control", "--where", "h:1"}).command);
    EXPECT_THAT(command.accounts, ElementsAre("acme", "ch"));
    EXPECT_TRUE(command.control);
    EXPECT_TRUE(command.where);
    EXPECT_EQ(command.options.target, "h:1");
}

TEST(Cli, AccountCheckTakesNames) {
    EXPECT_THAT(std::get<AccountCheckCommand>(parsed({"account", "check"}).command).names, IsEmpty());
    EXPECT_THAT(std::get<AccountCheckCommand>(parsed({"account", "check", "a", "b"}).command).names,
                ElementsAre("a", "b"));
}

TEST(Cli, CheckTakesLabels) {
    const auto command =
        std::get<CheckCommand>(parsed({"check", "--label", "team=data", "--label", "env=prod", "a"}).command);
    EXPECT_THAT(command.labels, ElementsAre("team=data", "env=prod"));
    EXPECT_THAT(command.names, ElementsAre("a"));
}

TEST(Cli, ColourAndDetailAreChosen) {
    const CommandLine plain = parsed({"check"});
    EXPECT_EQ(plain.color, ColorChoice::automatic);
    EXPECT_FALSE(plain.verbose);
    const CommandLine chosen = parsed({"check", "--color=always", "-v"});
    EXPECT_EQ(chosen.color, ColorChoice::always);
    EXPECT_TRUE(chosen.verbose);
    EXPECT_EQ(parsed({"explain", "--color", "never"}).color, ColorChoice::never);
    EXPECT_EQ(std::get<CompareCommand>(parsed({"compare", "a", "b", "--color", "never"}).command).color,
              ColorChoice::never);
    EXPECT_TRUE(parsed({"diagnose", "h:1", "--verbose"}).verbose);
}

TEST(Cli, ImportTakesTheFilesOfBlackboxExporterAndPrometheus) {
    const auto alone = std::get<ImportCommand>(parsed({"import", "blackbox", "b.yml"}).command);
    EXPECT_EQ(alone.blackbox_file, "b.yml");
    EXPECT_EQ(alone.prometheus_file, "");
    const auto both =
        std::get<ImportCommand>(parsed({"import", "blackbox", "--prometheus", "p.yml", "b.yml"}).command);
    EXPECT_EQ(both.blackbox_file, "b.yml");
    EXPECT_EQ(both.prometheus_file, "p.yml");
}

TEST(Cli, TheHistoryTakesNamesASpanAndAFormat) {
    const auto history = std::get<HistoryCommand>(parsed({"history"}).command);
    EXPECT_TRUE(history.names.empty());
    EXPECT_EQ(history.since, "7d");
    EXPECT_FALSE(history.json);
    EXPECT_EQ(history.access.url, "");
    EXPECT_EQ(std::get<HistoryCommand>(parsed({"history", "--url", "http://vm-7"}).command).access.url,
              "http://vm-7");
    const auto of_some =
        std::get<HistoryCommand>(parsed({"history", "a", "b", "--since", "30d", "--format", "json"}).command);
    EXPECT_EQ(of_some.names, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(of_some.since, "30d");
    EXPECT_TRUE(of_some.json);
    EXPECT_EQ(refused({"history", "--format", "xml"}).status, exit_usage);
}

TEST(Cli, TheBundleTakesNamesAUrlAndAFile) {
    const auto bundle = std::get<BundleCommand>(parsed({"bundle"}).command);
    EXPECT_TRUE(bundle.names.empty());
    EXPECT_EQ(bundle.output, "");
    const auto of_one =
        std::get<BundleCommand>(parsed({"bundle", "a", "-o", "t.tar.gz", "--url", "http://vm-7"}).command);
    EXPECT_EQ(of_one.names, std::vector<std::string>{"a"});
    EXPECT_EQ(of_one.output, "t.tar.gz");
    EXPECT_EQ(of_one.access.url, "http://vm-7");
    EXPECT_EQ(refused({"bundle", "-o", ""}).status, exit_usage);
}

TEST(Cli, AUrlThatIsNotUnderstoodIsRepeatedWithoutItsPassword) {
    const std::string url = "redis://user:hunter2@db:6379";
    EXPECT_THAT(refused({url}).error, HasSubstr("unknown command \"redis://***@db:6379\""));
    for (const std::vector<std::string>& line : {std::vector<std::string>{url, "--format", "nagios"},
                                                 {"config", "check", url},
                                                 {"diagnose", "h:1", url}}) {
        const EarlyExit exit = refused(line);
        EXPECT_THAT(exit.error, Not(HasSubstr("hunter2")));
        EXPECT_THAT(exit.out, Not(HasSubstr("hunter2")));
    }
}

TEST(Cli, ConfigMayStandBeforeTheCommand) {
    EXPECT_EQ(parsed({"--config", "/x.toml", "check"}).config_file, "/x.toml");
}

TEST(Cli, DiagnoseTakesEverythingOfTheContract) {
    const CommandLine line = parsed({"diagnose",
                                     "--profile",
                                     "aws",
                                     "--expect",
                                     "10.0.0.4",
                                     "--expect",
                                     "10.1.0.0/16",
                                     "--resolver",
                                     "10.0.0.2",
                                     "--resolver",
                                     "[fd00::2]:53",
                                     "--server-name",
                                     "s",
                                     "--ca-file",
                                     "/ca",
                                     "--tls",
                                     "--app",
                                     "redis",
                                     "--proxy-protocol",
                                     "v2",
                                     "--timeout",
                                     "2s",
                                     "--pcap",
                                     "/p",
                                     "[fd00::4]:9440"});
    const auto& command = std::get<DiagnoseCommand>(line.command);
    EXPECT_EQ(command.options.target, "[fd00::4]:9440");
    EXPECT_EQ(command.options.profile, "aws");
    EXPECT_THAT(command.options.expect, ElementsAre("10.0.0.4", "10.1.0.0/16"));
    EXPECT_THAT(command.options.resolvers, ElementsAre("10.0.0.2", "[fd00::2]:53"));
    EXPECT_EQ(command.options.server_name, "s");
    EXPECT_EQ(command.options.ca_file, "/ca");
    EXPECT_EQ(command.options.tls, true);
    EXPECT_EQ(command.options.app, "redis");
    EXPECT_EQ(command.options.proxy_protocol, "v2");
    EXPECT_EQ(command.options.timeout, "2s");
    EXPECT_EQ(command.pcap_file, "/p");
}

TEST(Cli, ARepeatableOptionLeavesThePositionalAlone) {
    const CommandLine line = parsed({"diagnose", "--expect", "10.0.0.4", "host:1"});
    EXPECT_EQ(std::get<DiagnoseCommand>(line.command).options.target, "host:1");
}

TEST(Cli, TlsIsUndecidedUnlessSaid) {
    EXPECT_EQ(std::get<DiagnoseCommand>(parsed({"diagnose", "h:1"}).command).options.tls, std::nullopt);
    EXPECT_EQ(std::get<DiagnoseCommand>(parsed({"diagnose", "h:1", "--no-tls"}).command).options.tls, false);
}

TEST(Cli, ZoneTakesItsOptions) {
    const CommandLine line =
        parsed({"zone", "--known-label", "a", "--known-label", "b", "--random-labels", "5", "--expect",
                "10.0.0.4", "--resolver", "10.0.0.2", "--timeout", "1s", "z.example"});
    const auto& options = std::get<ZoneCommand>(line.command).options;
    EXPECT_EQ(options.zone, "z.example");
    EXPECT_THAT(options.known_labels, ElementsAre("a", "b"));
    EXPECT_EQ(options.random_labels, 5U);
    EXPECT_THAT(options.expect, ElementsAre("10.0.0.4"));
    EXPECT_THAT(options.resolvers, ElementsAre("10.0.0.2"));
    EXPECT_EQ(options.timeout, "1s");
    EXPECT_EQ(std::get<ZoneCommand>(parsed({"zone", "z"}).command).options.random_labels, std::nullopt);
}

TEST(Cli, RunTakesTheConfig) {
    const CommandLine line = parsed({"run", "--config", "/x.toml"});
    EXPECT_TRUE(std::holds_alternative<RunCommand>(line.command));
    EXPECT_EQ(line.config_file, "/x.toml");
}

TEST(Cli, StatusTakesNamesAndWhereToAsk) {
    const CommandLine line = parsed(
        {"status", "a", "--url", "http://vm-7:9797/whylink", "--format", "nagios", "b", "--config=/x"});
    const auto& command = std::get<StatusCommand>(line.command);
    EXPECT_THAT(command.names, ElementsAre("a", "b"));
    EXPECT_EQ(command.url, "http://vm-7:9797/whylink");
    EXPECT_EQ(line.format, &nagios_format);
    EXPECT_EQ(line.config_file, "/x");
    EXPECT_EQ(std::get<StatusCommand>(parsed({"status"}).command).url, "");
    const CommandLine secure =
        parsed({"status", "--url", "https://u@vm-7", "--ca-file", "ca.pem", "--password-file", "password"});
    EXPECT_EQ(std::get<StatusCommand>(secure.command).ca_file, "ca.pem");
    EXPECT_EQ(std::get<StatusCommand>(secure.command).password_file, "password");
    EXPECT_THAT(std::get<StatusCommand>(parsed({"status"}).command).names, testing::IsEmpty());
}

TEST(Cli, ExplainAndConfig) {
    EXPECT_EQ(std::get<ExplainCommand>(parsed({"explain"}).command).slug, "");
    EXPECT_EQ(std::get<ExplainCommand>(parsed({"explain", "refused"}).command).slug, "refused");
    EXPECT_EQ(std::get<ProfilesCommand>(parsed({"profiles"}).command).name, "");
    EXPECT_EQ(std::get<ProfilesCommand>(parsed({"profiles", "aws"}).command).name, "aws");
    EXPECT_TRUE(std::get<ProfilesCommand>(parsed({"profiles", "aws", "--toml"}).command).toml);
    EXPECT_TRUE(std::holds_alternative<ConfigCheckCommand>(parsed({"config", "check"}).command));
    EXPECT_TRUE(std::holds_alternative<ConfigShowCommand>(parsed({"config", "show"}).command));
    EXPECT_EQ(parsed({"config", "check", "--config", "/x"}).config_file, "/x");
    EXPECT_EQ(parsed({"config", "--config", "/x", "check"}).config_file, "/x");
}

class Help : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Help, GoesToStandardOutput) {
    const EarlyExit early = refused(GetParam());
    EXPECT_EQ(early.status, 0);
    EXPECT_THAT(early.out, HasSubstr("Usage: whylink"));
    EXPECT_EQ(early.error, "");
}

TEST_P(Help, FitsOnATerminal) {
    std::istringstream lines(refused(GetParam()).out);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 80U) << line;
        EXPECT_FALSE(line.ends_with(' ')) << line;
    }
}

TEST_P(Help, HasExamples) {
    const std::string text = refused(GetParam()).out;
    std::string command = "whylink";
    for (const std::string& word : GetParam()) {
        command += word.starts_with('-') ? "" : " " + word;
    }
    EXPECT_THAT(text, HasSubstr("\nExamples:\n  whylink"));
    EXPECT_THAT(text.substr(text.find("Examples:")), HasSubstr(command));
}

TEST(Cli, HelpSaysWhatTheExitStatusMeans) {
    for (const char* command : {"check", "diagnose", "zone", "status"}) {
        EXPECT_THAT(refused({command, "--help"}).out, HasSubstr("\nExit status:\n  0  all healthy"))
            << command;
    }
}

TEST(Cli, HelpHasTheCommandsInGroups) {
    const std::string text = refused({"--help"}).out;
    std::size_t at = 0;
    for (const char* part :
         {"\nCheck a link:\n  check ", "\nRun the daemon:\n  run ", "\nRead a report:\n  explain ",
          "\nConfigure:\n  profiles ", "\nOptions:\n", "\nExamples:\n"}) {
        const std::size_t found = text.find(part);
        ASSERT_NE(found, std::string::npos) << part;
        EXPECT_GE(found, at) << part;
        at = found;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Commands, Help,
    testing::Values(
        std::vector<std::string>{"--help"}, std::vector<std::string>{"-h"},
        std::vector<std::string>{"check", "--help"}, std::vector<std::string>{"diagnose", "--help"},
        std::vector<std::string>{"zone", "--help"}, std::vector<std::string>{"run", "--help"},
        std::vector<std::string>{"status", "--help"}, std::vector<std::string>{"explain", "--help"},
        std::vector<std::string>{"config", "--help"}, std::vector<std::string>{"config", "check", "--help"},
        std::vector<std::string>{"compare", "--help"}, std::vector<std::string>{"history", "--help"},
        std::vector<std::string>{"bundle", "--help"}, std::vector<std::string>{"profiles", "--help"},
        std::vector<std::string>{"config", "show", "--help"}));

TEST(Cli, TheVersionIsOnEveryCommand) {
    for (const auto& arguments :
         {std::vector<std::string>{"--version"}, {"check", "--version"}, {"diagnose", "--version"}}) {
        const EarlyExit early = refused(arguments);
        EXPECT_EQ(early.status, 0);
        EXPECT_THAT(early.out, testing::MatchesRegex("whylink [0-9]+\\.[0-9]+\\.[0-9]+\n"));
    }
}

struct Mistake {
    const char* name;
    std::vector<std::string> arguments;
    const char* message;
};

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreSaid) {
    const EarlyExit early = refused(GetParam().arguments);
    EXPECT_EQ(early.status, 2);
    EXPECT_THAT(early.error, HasSubstr(GetParam().message));
    EXPECT_THAT(early.error, HasSubstr("\nsee whylink"));
    EXPECT_EQ(early.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Mistakes,
    testing::Values(
        Mistake{"nothing", {}, "a command is needed: check, diagnose, zone, run"},
        Mistake{"typo", {"chekc"}, "unknown command \"chekc\"; did you mean \"check\"?"},
        Mistake{"not_a_command", {"frobnicate"}, "unknown command \"frobnicate\"; there are check, diagnose"},
        Mistake{"not_a_command_after_an_option",
                {"--config", "/x", "chekc"},
                "unknown command \"chekc\"; did you mean \"check\"?\nsee whylink --help"},
        Mistake{"run_takes_nothing", {"run", "now"}, "unexpected argument \"now\"\nsee whylink run --help"},
        Mistake{"run_reports_nothing", {"run", "--format", "json"}, "unknown option \"--format\"\n"},
        Mistake{"status_records_nothing", {"status", "--record", "x"}, "unknown option \"--record\"\n"},
        Mistake{"account_of_nothing", {"account"}, "account needs a command: check"},
        Mistake{"empty_account", {"diagnose", "h:1", "--account", ""}, "must not be empty"},
        Mistake{"import_of_nothing", {"import"}, "import needs to know from what: blackbox"},
        Mistake{"import_without_a_file", {"import", "blackbox"}, "FILE is required"},
        Mistake{"empty_url", {"status", "--url", ""}, "must not be empty"},
        Mistake{"empty_name", {"status", ""}, "must not be empty"},
        Mistake{"mistyped_option",
                {"check", "--colour=never"},
                "unknown option \"--colour\"; did you mean \"--color\"?"},
        Mistake{"mistyped_option_with_a_value",
                {"diagnose", "h:1", "--timeuot", "5s"},
                "unknown option \"--timeuot\"; did you mean \"--timeout\"?"},
        Mistake{"mistyped_option_before_a_missing_argument",
                {"diagnose", "--tsl"},
                "unknown option \"--tsl\"; did you mean \"--tls\"?"},
        Mistake{
            "unknown_option", {"check", "--bogus"}, "unknown option \"--bogus\"\nsee whylink check --help"},
        Mistake{"unknown_letter", {"check", "-x"}, "unknown option \"-x\"\n"},
        Mistake{"format",
                {"check", "--format", "xml"},
                "--format: \"xml\" is not valid; use human, json or nagios"},
        Mistake{"mistyped_format", {"check", "--format", "jsn"}, "did you mean \"json\"?"},
        Mistake{"color",
                {"check", "--color", "maybe"},
                "--color: \"maybe\" is not valid; use auto, always or never"},
        Mistake{"empty_label", {"check", "--label", ""}, "must not be empty"},
        Mistake{"empty_value", {"check", "--config", ""}, "must not be empty"},
        Mistake{"no_value", {"check", "--config"}, "--config: the value is missing; use --config FILE"},
        Mistake{"no_target", {"diagnose"}, "TARGET is required"},
        Mistake{"no_target_after_the_options", {"diagnose", "--"}, "TARGET is required"},
        Mistake{"two_targets", {"diagnose", "a:1", "b:1"}, "b:1"},
        Mistake{"tls_and_not", {"diagnose", "a:1", "--tls", "--no-tls"}, "contradict each other"},
        Mistake{"no_zone", {"zone"}, "ZONE is required"},
        Mistake{"negative_labels",
                {"zone", "z", "--random-labels", "-1"},
                "--random-labels: \"-1\" is not valid; use a whole number"},
        Mistake{"config_alone", {"config"}, "config needs a command"},
        Mistake{
            "config_what", {"config", "print"}, "unknown command \"config print\"; there are check, show"},
        Mistake{
            "config_typo", {"config", "chek"}, "unknown command \"config chek\"; did you mean \"check\"?"}),
    [](const auto& row) { return row.param.name; });

TEST(Cli, AMistakeIsUnknownToNagios) {
    EXPECT_EQ(refused({"check", "--format", "nagios", "--bogus"}).status, 3);
    EXPECT_EQ(refused({"check", "--format=nagios", "--bogus"}).status, 3);
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"chekc", "--format", "nagios"},
          {"check", "--format", "nagios", "--bogus"},
          {"diagnose", "a:1", "--format", "nagios", "--tls", "--no-tls"}}) {
        const EarlyExit early = refused(arguments);
        EXPECT_THAT(early.out, testing::MatchesRegex("WHYLINK UNKNOWN - [^\n]+\n"));
        EXPECT_THAT(early.error, HasSubstr("see whylink"));
    }
}

}  // namespace
}  // namespace whylink::daemon
