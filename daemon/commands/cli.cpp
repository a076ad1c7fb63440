#include "daemon/commands/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "config/nearest.hpp"
#include "config/userinfo.hpp"

namespace whylink::daemon {
namespace {

constexpr std::array<std::string_view, 9> commands{"run",     "check",   "diagnose", "zone",  "status",
                                                   "compare", "explain", "profiles", "config"};

CLI::Validator not_empty() {
    return {
        [](std::string& value) { return value.empty() ? std::string("must not be empty") : std::string(); },
        ""};
}

/// Everything that the options are read into; which of it counts depends on the command.
struct Values {
    CommandLine line;
    std::string format = std::string(CommandLine{}.format->slug);
    CheckCommand check;
    DiagnoseCommand diagnose;
    ZoneCommand zone;
    StatusCommand status;
    CompareCommand compare;
    std::string compare_format = "human";
    ExplainCommand explain;
    ProfilesCommand profiles;
    bool tls = false;
    bool no_tls = false;
};

CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& value, const std::string& help,
                      const std::string& kind) {
    return app.add_option(name, value, help)->check(not_empty())->option_text(kind);
}

/// May be given several times, with one value each, so that a positional argument may follow.
CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                      const std::string& help, const std::string& kind) {
    return app.add_option(name, values, help + " (repeatable)")
        ->allow_extra_args(false)
        ->check(not_empty())
        ->option_text(kind);
}

void add_common(CLI::App& app, Values& values) {
    app.set_version_flag("--version", std::string("whylink ") + WHYLINK_VERSION, "Print the version");
    add_text(app, "--config", values.line.config_file,
             "The configuration, by default " + CommandLine{}.config_file, "FILE");
}

void add_format(CLI::App& app, Values& values) {
    const std::vector<std::string> slugs = format_slugs(*values.line.format);
    std::vector<std::string> choices = slugs;
    choices.front() += " (default)";
    app.add_option("--format", values.format, fmt::format("How to print the report: {}", one_of(choices)))
        ->check(CLI::IsMember(slugs))
        ->option_text("FORMAT");
}

void add_report_options(CLI::App& app, Values& values) {
    add_format(app, values);
    add_text(app, "--record", values.line.record_file,
             "Write what the probes saw to FILE, as a case to replay", "FILE");
}

void add_pcap(CLI::App& app, std::string& file) {
    add_text(app, "--pcap", file, "Write the packets of the connections to FILE, for Wireshark", "FILE");
}

void add_run(CLI::App& app, Values& values) {
    CLI::App& run = *app.add_subcommand("run", "Watch the configured targets until told to stop: the daemon");
    add_common(run, values);
}

void add_check(CLI::App& app, Values& values) {
    CLI::App& check = *app.add_subcommand("check", "Run the configured checks once and report");
    check
        .add_option("NAME", values.check.names,
                    "Endpoints, zones and watches to check, by default all that are enabled")
        ->option_text("...");
    add_pcap(check, values.check.pcap_file);
    add_report_options(check, values);
    add_common(check, values);
}

void add_diagnose(CLI::App& app, Values& values) {
    CLI::App& diagnose = *app.add_subcommand("diagnose", "Diagnose an endpoint that is in no config");
    config::EndpointOptions& options = values.diagnose.options;
    add_text(diagnose, "HOST:PORT", options.target, "A name or an address; [ADDRESS]:PORT for IPv6", " ")
        ->required();
    add_text(diagnose, "--profile", options.profile,
             "What is known of the service; by default picked by the host's name, none: nothing", "PROFILE");
    add_list(diagnose, "--expect", options.expect, "What every address must fall in", "ADDRESS|CIDR");
    add_list(diagnose, "--resolver", options.resolvers, "Who to ask, by default the system's",
             "ADDRESS[:PORT]");
    add_text(diagnose, "--server-name", options.server_name, "The name to ask for and to verify in TLS",
             "NAME");
    add_text(diagnose, "--ca-file", options.ca_file, "Trust these certificates instead of the system's",
             "FILE");
    diagnose.add_flag("--tls", values.tls, "The service must speak TLS (by default it is tried)");
    diagnose.add_flag("--no-tls", values.no_tls, "Leave TLS out");
    add_text(diagnose, "--app", options.app, "The application that is spoken there", "APP");
    add_text(diagnose, "--proxy-protocol", options.proxy_protocol, "The PROXY header that the service wants",
             "v1|v2");
    add_text(diagnose, "--timeout", options.timeout, "For each stage on its own, by default 5s", "DURATION");
    add_text(diagnose, "--hold", options.hold,
             "Keep a connection idle for so long, then use it, to see whether the path drops it", "DURATION");
    add_pcap(diagnose, values.diagnose.pcap_file);
    add_text(diagnose, "--save", values.diagnose.save_name,
             "Also print the config entry that watches this target, under this name", "NAME");
    add_report_options(diagnose, values);
    add_common(diagnose, values);
}

void add_zone(CLI::App& app, Values& values) {
    CLI::App& zone = *app.add_subcommand("zone", "Diagnose a wildcard zone that is in no config");
    config::ZoneOptions& options = values.zone.options;
    add_text(zone, "ZONE", options.zone, "The zone, without the leading *.", " ")->required();
    add_list(zone, "--expect", options.expect, "What every address must fall in", "ADDRESS|CIDR");
    add_list(zone, "--resolver", options.resolvers, "Who to ask, by default the system's", "ADDRESS[:PORT]");
    add_list(zone, "--known-label", options.known_labels, "A label that is in use", "LABEL");
    zone.add_option("--random-labels", options.random_labels,
                    "How many fresh random labels to ask, by default 3")
        ->option_text("N");
    add_text(zone, "--timeout", options.timeout, "For each query, by default 5s", "DURATION");
    add_report_options(zone, values);
    add_common(zone, values);
}

void add_status(CLI::App& app, Values& values) {
    CLI::App& status = *app.add_subcommand("status", "Report what a running daemon last found");
    status.add_option("NAME", values.status.names, "Endpoints, zones and watches to report, by default all")
        ->check(not_empty())
        ->option_text("...");
    add_text(
        status, "--url", values.status.url,
        "Where the daemon is asked, with user@ before the host where it has users; by default daemon.listen of "
        "the configuration",
        "URL");
    add_text(status, "--ca-file", values.status.ca_file,
             "Whom to trust of https://, by default the system's store", "FILE");
    add_text(status, "--password-file", values.status.password_file, "The first line is the user's password",
             "FILE");
    add_format(status, values);
    add_common(status, values);
}

void add_compare(CLI::App& app, Values& values) {
    CLI::App& compare = *app.add_subcommand(
        "compare",
        "Say what differs between the reports of two hosts: where it works, and where it does not");
    add_text(compare, "GOOD", values.compare.good,
             "The report of the host where it works, as JSON, or its --record", " ")
        ->required();
    add_text(compare, "BAD", values.compare.bad, "The same of the host where it does not", " ")->required();
    compare.add_option("--format", values.compare_format, "How to print it: human (default) or json")
        ->check(CLI::IsMember({"human", "json"}))
        ->option_text("FORMAT");
    add_common(compare, values);
}

void add_explain(CLI::App& app, Values& values) {
    CLI::App& explain =
        *app.add_subcommand("explain", "Say what a word of a report or a metric means, and what to do");
    add_text(explain, "SLUG", values.explain.slug,
             "An outcome, a cause, a stage, a follow-up test or a metric; without it all are listed", " ");
    add_common(explain, values);
}

void add_profiles(CLI::App& app, Values& values) {
    CLI::App& profiles =
        *app.add_subcommand("profiles", "List the provider profiles, or say what one of them sets");
    CLI::Option* name =
        add_text(profiles, "NAME", values.profiles.name, "A profile; without it all are listed", " ");
    profiles.add_flag("--toml", values.profiles.toml, "Print it as a file for profiles.d")->needs(name);
    add_common(profiles, values);
}

void add_config(CLI::App& app, Values& values) {
    CLI::App& config = *app.add_subcommand("config", "Validate or print the configuration");
    config.require_subcommand(0, 1);
    add_common(config, values);
    add_common(*config.add_subcommand("check", "Validate it; every error is printed"), values);
    add_common(*config.add_subcommand("show", "Print it with all defaults filled in"), values);
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
    if (app.got_subcommand("compare")) {
        values.compare.json = values.compare_format == "json";
        return values.compare;
    }
    if (app.got_subcommand("explain")) {
        return values.explain;
    }
    if (app.got_subcommand("profiles")) {
        return values.profiles;
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

std::string unknown_command(const std::string& word) {
    const config::Nearest near = config::nearest(word, commands);
    std::string text = fmt::format("unknown command \"{}\"", word);
    return near.close ? fmt::format("{}; did you mean \"{}\"?", text, near.word)
                      : fmt::format("{}; there are {}", text, fmt::join(commands, ", "));
}

/// The command whose help says more about a mistake.
std::string help_hint(const CLI::App& app) {
    std::string words = "whylink";
    const CLI::App* deepest = &app;
    while (!deepest->get_subcommands().empty()) {
        deepest = deepest->get_subcommands().front();
        words += " " + deepest->get_name();
    }
    return fmt::format("\nsee {} --help", words);
}

/// What the library's own rules do not say, or not well.
std::optional<std::string> mistake_in(const CLI::App& app, const Values& values) {
    if (app.get_subcommands().empty()) {
        return fmt::format("a command is needed: {}", fmt::join(commands, ", "));
    }
    if (app.got_subcommand("config") && app.get_subcommand("config")->get_subcommands().empty()) {
        return "config needs a command: check or show";
    }
    if (values.tls && values.no_tls) {
        return "--tls and --no-tls exclude each other";
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
    return refusal(format, error.what(), help_hint(app));
}

}  // namespace

std::variant<CommandLine, EarlyExit> parse_command_line(const std::vector<std::string>& arguments) {
    const ReportFormat& hint = format_hint(arguments);
    if (!arguments.empty() && !arguments.front().starts_with('-') &&
        std::ranges::find(commands, arguments.front()) == commands.end()) {
        return refusal(hint, unknown_command(arguments.front()), "\nsee whylink --help");
    }
    Values values;
    CLI::App app("whylink says why a private endpoint does not work.", "whylink");
    app.require_subcommand(0, 1);
    add_common(app, values);
    add_run(app, values);
    add_check(app, values);
    add_diagnose(app, values);
    add_zone(app, values);
    add_status(app, values);
    add_compare(app, values);
    add_explain(app, values);
    add_profiles(app, values);
    add_config(app, values);
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
    values.line.command = chosen(app, values);
    return std::move(values.line);
}

}  // namespace whylink::daemon
