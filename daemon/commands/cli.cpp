#include "daemon/commands/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "config/nearest.hpp"
#include "config/userinfo.hpp"
#include "daemon/commands/description.hpp"
#include "daemon/commands/help.hpp"
#include "daemon/commands/mistakes.hpp"

namespace whylink::daemon {
namespace {

constexpr std::array<std::string_view, 13> commands{"check",   "diagnose", "zone",    "run",     "status",
                                                    "history", "bundle",   "explain", "compare", "profiles",
                                                    "import",  "account",  "config"};

CLI::Validator not_empty() {
    return {
        [](std::string& value) { return value.empty() ? std::string("must not be empty") : std::string(); },
        ""};
}

/// The value is one of the words, or a near one is offered.
CLI::Validator one_word_of(std::vector<std::string> words) {
    const std::string list = fmt::format("{}", fmt::join(words, " "));
    return {[words = std::move(words)](std::string& value) {
                if (std::ranges::find(words, value) != words.end()) {
                    return std::string();
                }
                const std::vector<std::string_view> known(words.begin(), words.end());
                return fmt::format("\"{}\" is not valid; {}", value,
                                   config::did_you_mean(value, known, "use " + one_of(words)));
            },
            list, word_list};
}

/// Everything that the options are read into; which of it counts depends on the command.
struct Values {
    CommandLine line;
    std::string format = std::string(CommandLine{}.format->slug);
    std::string color = std::string(slug(CommandLine{}.color));
    CheckCommand check;
    DiagnoseCommand diagnose;
    ZoneCommand zone;
    StatusCommand status;
    HistoryCommand history;
    std::string history_format = "human";
    BundleCommand bundle;
    CompareCommand compare;
    std::string compare_format = "human";
    std::string account_format = "human";
    ImportCommand import_from;
    ExplainCommand explain;
    ProfilesCommand profiles;
    AccountCheckCommand account_check;
    bool tls = false;
    bool no_tls = false;
};

// ---- options ----

/// The headings of the help.
constexpr auto output_group = "Output";
constexpr auto expectation_group = "Expectation";
constexpr auto connection_group = "Connection";
constexpr auto account_group = "Account";

CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& value, const std::string& help,
                      const std::string& kind) {
    return app.add_option(name, value, help)->check(not_empty())->option_text(kind);
}

/// May be given several times, with one value each, so that a positional argument may follow.
CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                      const std::string& help, const std::string& kind) {
    return app.add_option(name, values, help + "; repeatable")
        ->allow_extra_args(false)
        ->check(not_empty())
        ->option_text(kind);
}

void add_common(CLI::App& app, Values& values) {
    app.set_version_flag("--version", std::string("whylink ") + WHYLINK_VERSION,
                         "Print the version and exit");
    add_text(app, "--config", values.line.config_file,
             "Read this configuration (default " + CommandLine{}.config_file + ")", "FILE");
}

void add_color(CLI::App& app, Values& values) {
    const auto& words = slugs_of<ColorChoice>;
    app.add_option("--color", values.color,
                   "Use colour: auto (default; on a terminal), always or never. NO_COLOR and CLICOLOR_FORCE "
                   "count too")
        ->check(one_word_of({words.begin(), words.end()}))
        ->option_text("WHEN")
        ->group(output_group);
}

void add_format(CLI::App& app, Values& values) {
    const std::vector<std::string> slugs = format_slugs(*values.line.format);
    std::vector<std::string> choices = slugs;
    choices.front() += " (default)";
    app.add_option("--format", values.format, fmt::format("Print the report as {}", one_of(choices)))
        ->check(one_word_of(slugs))
        ->option_text("FORMAT")
        ->group(output_group);
    add_color(app, values);
}

void add_verbose(CLI::App& app, Values& values) {
    app.add_flag("-v,--verbose", values.line.verbose, "Show packets, all tests and all steps")
        ->group(output_group);
}

void add_report_options(CLI::App& app, Values& values) {
    add_verbose(app, values);
    add_format(app, values);
    add_text(app, "--record", values.line.record_file, "Write what the probes saw to FILE, for a bug report",
             "FILE")
        ->group(output_group);
}

void add_pcap(CLI::App& app, std::string& file) {
    add_text(app, "--pcap", file, "Write the packets of the connections to FILE, for Wireshark", "FILE")
        ->group(output_group);
}

void add_expectation(CLI::App& app, std::vector<std::string>& expect, std::vector<std::string>& resolvers) {
    add_list(app, "--expect", expect, "Require DNS to answer with this address or block", "ADDRESS|CIDR")
        ->group(expectation_group);
    add_list(app, "--resolver", resolvers, "Query this DNS server (default: the system's)", "ADDRESS[:PORT]")
        ->group(expectation_group);
}

// ---- commands ----

constexpr auto check_group = "Check a link";
constexpr auto daemon_group = "Run the daemon";
constexpr auto read_group = "Read a report";
constexpr auto config_group = "Configure";

CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& help, const char* group,
                      std::string footer) {
    CLI::App& command = *app.add_subcommand(name, help);
    command.group(group);
    command.footer(std::move(footer));
    return command;
}

std::string with_exit_status(std::initializer_list<std::string_view> lines) {
    return examples(lines).append(exit_status_help());
}

void add_check(CLI::App& app, Values& values) {
    CLI::App& check =
        add_command(app, "check", "Check the configured targets once and print a report", check_group,
                    with_exit_status({"whylink check", "whylink check clickhouse-prod -v",
                                      "whylink check --label team=data --format json"}));
    check
        .add_option("NAME", values.check.names,
                    "Check these endpoints, zones and watches (default: all enabled ones)")
        ->check(not_empty())
        ->option_text("...");
    add_list(check, "--label", values.check.labels, "Check only targets with this label", "KEY=VALUE")
        ->group("Selection");
    add_pcap(check, values.check.pcap_file);
    add_report_options(check, values);
    add_common(check, values);
}

void add_diagnose(CLI::App& app, Values& values) {
    CLI::App& diagnose =
        add_command(app, "diagnose", "Diagnose a target that is in no configuration", check_group,
                    with_exit_status({"whylink diagnose db.example.com:9440",
                                      "whylink diagnose db.example.com:9440 --expect 10.0.0.4",
                                      "whylink diagnose 10.0.0.4:6379 --no-tls --app redis",
                                      "whylink diagnose db.example.com:9440 --save db"}));
    config::EndpointOptions& options = values.diagnose.options;
    add_text(diagnose, "TARGET", options.target,
             "Diagnose HOST:PORT, [ADDRESS]:PORT, a URL, or a HOST of which the profile knows the port", " ")
        ->required();
    add_text(diagnose, "--profile", options.profile,
             "Use this profile (default: matched by the host name); none: no profile", "PROFILE")
        ->group(expectation_group);
    add_expectation(diagnose, options.expect, options.resolvers);
    add_text(diagnose, "--server-name", options.server_name, "Send this SNI and verify this name", "NAME")
        ->group(connection_group);
    add_text(diagnose, "--ca-file", options.ca_file, "Trust these CA certificates, not the system's", "FILE")
        ->group(connection_group);
    diagnose.add_flag("--tls", values.tls, "Require TLS (default: try it)")->group(connection_group);
    diagnose.add_flag("--no-tls", values.no_tls, "Connect without TLS")->group(connection_group);
    add_text(diagnose, "--app", options.app, "Speak this application protocol", "APP")
        ->group(connection_group);
    add_text(diagnose, "--proxy-protocol", options.proxy_protocol, "Send this PROXY header first", "v1|v2")
        ->group(connection_group);
    add_text(diagnose, "--timeout", options.timeout, "Limit each stage to this time (default 5s)", "DURATION")
        ->group(connection_group);
    add_text(diagnose, "--hold", options.hold,
             "Keep a connection idle for this time, then use it: shows whether the path drops it", "DURATION")
        ->group(connection_group);
    add_list(diagnose, "--account", values.diagnose.accounts,
             "Read what this [[account]] of the configuration says of the link", "NAME")
        ->group(account_group);
    diagnose
        .add_flag("--control", values.diagnose.control,
                  "Read it with the credentials that the provider's SDK finds on this host")
        ->group(account_group);
    diagnose
        .add_flag("--where", values.diagnose.where,
                  "Ask the cloud's metadata service for region, zone and network of this host")
        ->group(account_group);
    add_pcap(diagnose, values.diagnose.pcap_file);
    add_text(diagnose, "--save", values.diagnose.save_name,
             "Print the config entry for this target too, under this name", "NAME")
        ->group(output_group);
    add_report_options(diagnose, values);
    add_common(diagnose, values);
}

void add_zone(CLI::App& app, Values& values) {
    CLI::App& zone =
        add_command(app, "zone", "Diagnose a wildcard zone that is in no configuration", check_group,
                    with_exit_status({"whylink zone privatelink.example.com --expect 10.0.0.4",
                                      "whylink zone privatelink.example.com --known-label abcd"}));
    config::ZoneOptions& options = values.zone.options;
    add_text(zone, "ZONE", options.zone, "Query this zone; leave out the leading \"*.\"", " ")->required();
    add_expectation(zone, options.expect, options.resolvers);
    add_list(zone, "--known-label", options.known_labels, "Query this label, which is in use", "LABEL")
        ->group(expectation_group);
    zone.add_option("--random-labels", options.random_labels, "Query this many random labels (default 3)")
        ->option_text("N")
        ->group(expectation_group);
    add_text(zone, "--timeout", options.timeout, "Limit each query to this time (default 5s)", "DURATION")
        ->group(connection_group);
    add_report_options(zone, values);
    add_common(zone, values);
}

void add_run(CLI::App& app, Values& values) {
    CLI::App& run =
        add_command(app, "run", "Check the configured targets all the time, until SIGTERM", daemon_group,
                    examples({"whylink run", "whylink run --config ./whylink.toml"}));
    add_common(run, values);
}

/// How a daemon is asked.
void add_access(CLI::App& app, StatusCommand& access, const std::string& otherwise) {
    add_text(app, "--url", access.url,
             "Ask the daemon here; USER@ before the host if it has users (default: " + otherwise + ")",
             "URL");
    add_text(app, "--ca-file", access.ca_file, "Trust these CA certificates (default: those of the system)",
             "FILE");
    add_text(app, "--password-file", access.password_file,
             "Take the password of USER from the first line of this file", "FILE");
}

void add_status(CLI::App& app, Values& values) {
    CLI::App& status =
        add_command(app, "status", "Print what a running daemon found last", daemon_group,
                    with_exit_status({"whylink status", "whylink status clickhouse-prod",
                                      "whylink status --url http://10.0.0.9:9797 --format nagios"}));
    status
        .add_option("NAME", values.status.names, "Report these endpoints, zones and watches (default: all)")
        ->check(not_empty())
        ->option_text("...");
    add_access(status, values.status, "daemon.listen");
    add_verbose(status, values);
    add_format(status, values);
    add_common(status, values);
}

void add_import(CLI::App& app, Values& values) {
    CLI::App& import_from = add_command(
        app, "import", "Convert another program's configuration into one of whylink", config_group,
        examples({"whylink import blackbox blackbox.yml --prometheus prometheus.yml > whylink.toml"}));
    import_from.require_subcommand(0, 1);
    add_common(import_from, values);
    CLI::App& blackbox = add_command(
        import_from, "blackbox",
        "Convert the modules of blackbox_exporter, and the scrape configuration of Prometheus", "Commands",
        examples({"whylink import blackbox blackbox.yml --prometheus prometheus.yml > whylink.toml"}));
    add_text(blackbox, "FILE", values.import_from.blackbox_file, "Read the modules from this blackbox.yml",
             " ")
        ->required();
    add_text(blackbox, "--prometheus", values.import_from.prometheus_file,
             "Read the targets from this scrape configuration", "FILE");
    add_common(blackbox, values);
}

/// Of a command that prints no report of a check.
void add_plain_format(CLI::App& app, std::string& format, Values& values) {
    const std::vector<std::string> formats{"human", "json"};
    app.add_option("--format", format, "Print it as human (default) or json")
        ->check(one_word_of(formats))
        ->option_text("FORMAT")
        ->group(output_group);
    add_color(app, values);
}

void add_history(CLI::App& app, Values& values) {
    CLI::App& history = add_command(
        app, "history", "Print outages, and what changed before them", daemon_group,
        examples({"whylink history", "whylink history clickhouse-prod --since 30d",
                  "whylink history --url http://10.0.0.9:9797", "whylink history --format json"})
            .append("\nExit status: 0 printed, 2 unknown name or duration, 3 no history or no daemon.\n"));
    history.add_option("NAME", values.history.names, "Print only these targets (default: all)")
        ->check(not_empty())
        ->option_text("...");
    add_access(history, values.history.access, "files of this host");
    add_text(history, "--since", values.history.since, "Look back this far (default 7d)", "DURATION");
    add_plain_format(history, values.history_format, values);
    add_common(history, values);
}

void add_bundle(CLI::App& app, Values& values) {
    CLI::App& bundle = add_command(
        app, "bundle", "Write one archive for a support ticket", daemon_group,
        examples({"whylink bundle clickhouse-prod", "whylink bundle -o /tmp/ticket.tar.gz"})
            .append("\nExit status: 0 written, 2 an unknown name, 3 nothing to write or not written.\n"));
    bundle.add_option("NAME", values.bundle.names, "Include only these targets (default: all)")
        ->check(not_empty())
        ->option_text("...");
    add_text(bundle, "-o,--output", values.bundle.output,
             "Write it to FILE (default: whylink-NAME-TIME.tar.gz here)", "FILE")
        ->group(output_group);
    add_access(bundle, values.bundle.access, "daemon.listen");
    add_common(bundle, values);
}

void add_explain(CLI::App& app, Values& values) {
    CLI::App& explain =
        add_command(app, "explain", "Explain a word of a report or a metric, and what to do", read_group,
                    examples({"whylink explain", "whylink explain not_on_allowlist",
                              "whylink explain whylink_target_healthy"}));
    add_text(explain, "SLUG", values.explain.slug,
             "Explain this outcome, cause, stage, follow-up test or metric (default: list them)", " ");
    add_color(explain, values);
    add_common(explain, values);
}

void add_compare(CLI::App& app, Values& values) {
    CLI::App& compare =
        add_command(app, "compare", "Compare a host where it works with one where it does not", read_group,
                    examples({"whylink diagnose db.example.com:9440 --format json > good.json",
                              "whylink compare good.json bad.json"})
                        .append("\nExit status: 0 no difference, 1 a difference, 2 a file is no report.\n"));
    add_text(compare, "GOOD", values.compare.good, "Read the JSON report, or --record file, of the good host",
             " ")
        ->required();
    add_text(compare, "BAD", values.compare.bad, "Read the same of the bad host", " ")->required();
    add_plain_format(compare, values.compare_format, values);
    add_common(compare, values);
}

void add_profiles(CLI::App& app, Values& values) {
    CLI::App& profiles = add_command(
        app, "profiles", "List the provider profiles, or show what one of them sets", config_group,
        examples({"whylink profiles", "whylink profiles clickhouse-azure",
                  "whylink profiles clickhouse-azure --toml > acme.toml"}));
    CLI::Option* name =
        add_text(profiles, "NAME", values.profiles.name, "Show this profile (default: list them)", " ");
    profiles.add_flag("--toml", values.profiles.toml, "Print it as a file for profiles.d")
        ->needs(name)
        ->group(output_group);
    add_color(profiles, values);
    add_common(profiles, values);
}

void add_account(CLI::App& app, Values& values) {
    CLI::App& account = add_command(app, "account", "Check the accounts that can be read", config_group,
                                    examples({"whylink account check", "whylink account check acme-azure"}));
    account.require_subcommand(0, 1);
    add_common(account, values);
    CLI::App& check = add_command(
        account, "check", "Print what each account can read, and the policy for what it cannot", "Commands",
        examples({"whylink account check", "whylink account check acme-azure"})
            .append("\nExit status: 0 everything can be read, 1 something cannot, 2 an unknown NAME.\n"));
    check.add_option("NAME", values.account_check.names, "Check these accounts (default: all)")
        ->check(not_empty())
        ->option_text("...");
    add_plain_format(check, values.account_format, values);
    add_common(check, values);
}

void add_config(CLI::App& app, Values& values) {
    CLI::App& config = add_command(app, "config", "Validate or print the configuration", config_group,
                                   examples({"whylink config check", "whylink config show"}));
    config.require_subcommand(0, 1);
    add_common(config, values);
    constexpr auto group = "Commands";
    add_common(add_command(config, "check", "Validate the configuration and print every error", group,
                           examples({"whylink config check --config ./whylink.toml"})
                               .append("\nExit status: 0 valid, warnings included; 2 not valid.\n")),
               values);
    add_common(add_command(config, "show", "Print the configuration with all defaults", group,
                           examples({"whylink config show > effective.toml"})),
               values);
}

constexpr auto program_help =
    "Find out why a private link does not work: AWS PrivateLink, Azure Private Link, GCP PSC";

void add_everything(CLI::App& app, Values& values) {
    app.formatter(help_formatter());
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.footer(examples({"whylink diagnose db.example.com:9440", "whylink check",
                         "whylink explain not_on_allowlist"})
                   .append("\nRun whylink COMMAND --help for the options and examples of a command.\n"));
    app.require_subcommand(0, 1);
    add_common(app, values);
    add_check(app, values);
    add_diagnose(app, values);
    add_zone(app, values);
    add_run(app, values);
    add_status(app, values);
    add_history(app, values);
    add_bundle(app, values);
    add_explain(app, values);
    add_compare(app, values);
    add_profiles(app, values);
    add_import(app, values);
    add_account(app, values);
    add_config(app, values);
}

Command chosen(const CLI::App& app, Values& values) {
    if (app.got_subcommand("run")) {
        return RunCommand{};
    }
    if (app.got_subcommand("check")) {
        return values.check;
    }
    if (app.got_subcommand("diagnose")) {
        return values.diagnose;
    }
    if (app.got_subcommand("zone")) {
        return values.zone;
    }
    if (app.got_subcommand("status")) {
        return values.status;
    }
    if (app.got_subcommand("history")) {
        values.history.json = values.history_format == "json";
        values.history.color = values.line.color;
        return values.history;
    }
    if (app.got_subcommand("bundle")) {
        return values.bundle;
    }
    if (app.got_subcommand("compare")) {
        values.compare.json = values.compare_format == "json";
        values.compare.color = values.line.color;
        return values.compare;
    }
    if (app.got_subcommand("import")) {
        return values.import_from;
    }
    if (app.got_subcommand("explain")) {
        return values.explain;
    }
    if (app.got_subcommand("profiles")) {
        return values.profiles;
    }
    if (app.got_subcommand("account")) {
        values.account_check.json = values.account_format == "json";
        return values.account_check;
    }
    if (app.get_subcommand("config")->got_subcommand("show")) {
        return ConfigShowCommand{};
    }
    return ConfigCheckCommand{};
}

/// Of what may be a broken command line, because a mistake in one must not look CRITICAL to Nagios.
const ReportFormat& format_hint(const std::vector<std::string>& arguments) {
    const auto flag = std::ranges::find(arguments, "--format");
    const bool apart = flag != arguments.end() && flag + 1 != arguments.end();
    const auto named = [&](const ReportFormat* format) {
        const std::string joined = fmt::format("--format={}", format->slug);
        return (apart && *(flag + 1) == format->slug) ||
               std::ranges::find(arguments, joined) != arguments.end();
    };
    const auto found = std::ranges::find_if(report_formats, named);
    return found == report_formats.end() ? *CommandLine{}.format : **found;
}

/// What the library's own rules do not say, or not well.
std::optional<std::string> mistake_in(const CLI::App& app, const Values& values) {
    if (app.get_subcommands().empty()) {
        return fmt::format("a command is needed: {}", fmt::join(commands, ", "));
    }
    if (app.got_subcommand("config") && app.get_subcommand("config")->get_subcommands().empty()) {
        return "config needs a command: check or show";
    }
    if (app.got_subcommand("account") && app.get_subcommand("account")->get_subcommands().empty()) {
        return "account needs a command: check";
    }
    if (app.got_subcommand("import") && app.get_subcommand("import")->get_subcommands().empty()) {
        return "import needs to know from what: blackbox";
    }
    if (values.tls && values.no_tls) {
        return "--tls and --no-tls contradict each other; use one of them";
    }
    return std::nullopt;
}

/// What was not understood is repeated, and may be a URL with a password.
EarlyExit refusal(const ReportFormat& format, const std::string& reason, const std::string& hint) {
    const std::string why = config::hide_userinfo_in(reason);
    return {format.usage_status, format.fault == nullptr ? "" : format.fault(why), why + hint};
}

EarlyExit early_exit(const CLI::App& app, const CLI::ParseError& error, const ReportFormat& format) {
    std::ostringstream out;
    std::ostringstream ignored;
    if (error.get_exit_code() == 0) {
        app.exit(error, out, ignored);
        return {exit_healthy, out.str(), ""};
    }
    return refusal(format, fault_text(app, error), help_hint(app));
}

}  // namespace

std::variant<CommandLine, EarlyExit> parse_command_line(const std::vector<std::string>& arguments) {
    const ReportFormat& hint = format_hint(arguments);
    if (!arguments.empty() && !arguments.front().starts_with('-') &&
        std::ranges::find(commands, arguments.front()) == commands.end()) {
        return refusal(hint, unknown_command(arguments.front(), commands), "\nsee whylink --help");
    }
    Values values;
    CLI::App app(program_help, "whylink");
    add_everything(app, values);
    try {
        // CLI11 takes the arguments off the end.
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
        return early_exit(app, error, hint);
    }
    if (const auto mistake = mistake_in(app, values)) {
        return refusal(hint, *mistake, help_hint(app));
    }
    if (values.tls || values.no_tls) {
        values.diagnose.options.tls = values.tls;
    }
    values.line.format = find_format(values.format);
    values.line.color = *from_slug<ColorChoice>(values.color);
    values.line.command = chosen(app, values);
    return std::move(values.line);
}

CommandDescription describe_command_line() {
    Values values;
    CLI::App app(program_help, "whylink");
    add_everything(app, values);
    return describe(app);
}

}  // namespace whylink::daemon
