#include "daemon/commands/commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "config/entry.hpp"
#include "config/host_pattern.hpp"
#include "config/load.hpp"
#include "config/messages.hpp"
#include "config/nearest.hpp"
#include "config/own_profiles.hpp"
#include "config/pick_profile.hpp"
#include "config/profiles.hpp"
#include "config/resolver_text.hpp"
#include "config/show.hpp"
#include "daemon/commands/account_check.hpp"
#include "daemon/commands/bundle.hpp"
#include "daemon/commands/check.hpp"
#include "daemon/commands/chosen_accounts.hpp"
#include "daemon/commands/compare.hpp"
#include "daemon/commands/explain.hpp"
#include "daemon/commands/give_up.hpp"
#include "daemon/commands/history.hpp"
#include "daemon/commands/import.hpp"
#include "daemon/commands/name_chain.hpp"
#include "daemon/commands/profiles.hpp"
#include "daemon/commands/progress.hpp"
#include "daemon/commands/record.hpp"
#include "daemon/commands/save.hpp"
#include "daemon/commands/selection.hpp"
#include "daemon/commands/srv_targets.hpp"
#include "daemon/commands/status.hpp"
#include "daemon/evidence/evidence_file.hpp"
#include "daemon/evidence/store.hpp"
#include "daemon/packets/packet_service.hpp"
#include "daemon/report/human/terminal.hpp"
#include "daemon/run/process.hpp"
#include "daemon/run/service.hpp"
#include "daemon/system/standard_streams.hpp"
#include "probes/host/identity.hpp"
#include "probes/host/proxy_environment.hpp"

namespace whylink::daemon {
namespace {

/// What packets are wanted for: by the config, and as a file.
struct PacketsWanted {
    config::Capture capture;
    std::string file;  ///< of `--pcap`; empty: none
};

std::optional<std::string> capture_fault(const CheckResult& result, const PacketsWanted& wanted) {
    if (!result.not_captured) {
        return std::nullopt;
    }
    if (wanted.capture.mode == config::CaptureMode::required) {
        return "capture.enabled is true, but " + not_captured_text(*result.not_captured);
    }
    if (!wanted.file.empty()) {
        return "--pcap: " + not_captured_text(*result.not_captured);
    }
    return std::nullopt;
}

std::string what_of(const config::Endpoint& endpoint) {
    return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

std::string what_of(const config::Zone& zone) {
    return "*." + zone.zone;
}

std::string what_of(const config::Watch& watch) {
    return fmt::format("port {}", watch.port);
}

std::vector<EvidenceSubject> subjects_of(const Report& report) {
    std::vector<EvidenceSubject> subjects;
    for (const ReportEntry& entry : report.entries) {
        std::string what = std::visit([](const auto& known) { return what_of(known); }, entry.target->what());
        subjects.push_back({entry, std::move(what), report.vantage_point, report.started_at});
    }
    return subjects;
}

/// Names the file in the report; the fault, if any.
std::optional<std::string> write_packets(CheckResult& result, const std::string& file) {
    if (file.empty()) {
        return std::nullopt;
    }
    if (auto fault = write_private_file(
            file, evidence_bytes(subjects_of(result.report), result.origin, result.frames))) {
        return fault;
    }
    for (ReportEntry& entry : result.report.entries) {
        if (entry.target->kind() != config::TargetKind::zone) {
            entry.evidence_file = file;
        }
    }
    return std::nullopt;
}

/// `--hold` asks for it, and there is nothing to hold where no connection works.
void say_what_was_not_held(const Report& report) {
    for (const ReportEntry& entry : report.entries) {
        const config::Endpoint* endpoint = entry.target->endpoint();
        const bool held = !entry.verdict->holds.empty();
        if (endpoint != nullptr && endpoint->hold && !held) {
            complain(fmt::format("--hold: no connection to {} works, so none was held", endpoint->name));
        }
    }
}

/// What was not asked for must be said. `given`: before anything was asked of DNS.
void say_what_was_picked(const config::Endpoint& given, const config::Endpoint& seen) {
    if (!given.by_name.profile || seen.profile.empty()) {
        return;
    }
    complain(fmt::format("using profile {} (matched by {}; --profile none leaves it out)", seen.profile,
                         config::match_host(*config::profile_of(seen), seen.host) ? "host name" : "CNAME"));
}

/// After the report for people; on the other stream where the report is for programs.
int print_report(const Report& report, const CommandLine& line, const std::string& save_name) {
    HumanStyle style = style_for(STDOUT_FILENO, line.color);
    style.verbose = line.verbose;
    std::string text = line.format->render(report, style, std::nullopt);
    if (!save_name.empty()) {
        const std::string entry = saved_entry(report.entries.front(), save_name);
        if (line.format->styled) {
            text += "\n" + entry;
        } else {
            static_cast<void>(write_all(STDERR_FILENO, entry));
        }
    }
    return print(text, line.format->exit_status(report));
}

int check_and_report(const std::vector<config::TargetPtr>& targets, unsigned max_concurrent,
                     const PacketsWanted& packets, const CommandLine& line, const std::string& save_name = {},
                     AccountOptions accounts = {}) {
    ProgressLine progress(STDERR_FILENO);
    CheckOptions options;
    // The configured ones are the daemon's: `check` is to be quick.
    options.hold = std::holds_alternative<DiagnoseCommand>(line.command);
    options.capture = packets.capture;
    options.proxies = probes::proxies_of_this_host();
    options.host = probes::host_identity();
    options.accounts = std::move(accounts);
    options.accounts.cloud = options.host.cloud;
    options.max_concurrent = rounds_for(targets, max_concurrent, raise_open_files());
    options.on_progress = [&progress](const Progress& now) { progress.show(now); };
    options.on_signal = [&progress](int signal) {
        progress.erase();
        std::_Exit(128 + signal);
    };
    CheckResult result = run_check(targets, options);
    if (std::holds_alternative<DiagnoseCommand>(line.command)) {
        follow_srv_targets(result, options);
    }
    const Report& report = result.report;
    progress.erase();
    if (const auto fault = capture_fault(result, packets)) {
        return give_up(*line.format, exit_unknown, *fault);
    }
    if (result.not_captured && !needs_permission(*result.not_captured)) {
        complain(not_captured_text(*result.not_captured));
    }
    if (options.hold) {
        say_what_was_not_held(report);
        say_what_was_picked(*targets.front()->endpoint(), *report.entries.front().target->endpoint());
    }
    if (const auto fault = write_packets(result, packets.file)) {
        return give_up(*line.format, exit_unknown, *fault);
    }
    if (!line.record_file.empty()) {
        if (const auto fault = record(report, line.record_file)) {
            return give_up(*line.format, exit_unknown, *fault);
        }
    }
    return print_report(report, line, save_name);
}

int run_command(const CheckCommand& command, const CommandLine& line) {
    const config::LoadResult loaded = config::load_file(line.config_file);
    if (!loaded.ok()) {
        return give_up(*line.format, loaded.errors);
    }
    const auto targets = select(loaded.config, command.names, command.labels);
    if (const auto* error = std::get_if<std::string>(&targets)) {
        return give_up(*line.format, exit_usage, *error);
    }
    const auto& chosen = std::get<std::vector<config::TargetPtr>>(targets);
    if (chosen.empty()) {
        return give_up(
            *line.format, exit_unknown,
            fmt::format("{}: nothing is checked; enable an endpoint, a zone or a watch", line.config_file));
    }
    return check_and_report(chosen, loaded.config.daemon.max_concurrent,
                            {loaded.config.capture, command.pcap_file}, line, {},
                            configured_accounts(loaded.config));
}

int wrong_target(const ReportFormat& format, const config::TargetErrors& errors) {
    return give_up(format, exit_usage, fmt::format("{}", fmt::join(errors, "\n")));
}

config::OwnProfiles own_profiles(const CommandLine& line) {
    return config::load_own_profiles(std::filesystem::path(line.config_file).parent_path());
}

/// A port that the profile knows takes a profile, and that may take the names that the host leads to.
std::vector<std::string> chain_for_port(const config::EndpointOptions& options) {
    const auto place = config::parse_host_port(options.target);
    const bool wanted = place && !place->port && options.profile.empty() && !IpAddress::parse(place->host) &&
                        config::pick_profile(place->host, options.own_profiles).profile == nullptr;
    if (!wanted) {
        return {};
    }
    config::EndpointOptions with_port = options;
    with_port.target += ":1";
    const auto endpoint = config::endpoint_for(with_port);
    const auto* good = std::get_if<config::Endpoint>(&endpoint);
    return good == nullptr ? std::vector<std::string>() : cname_chain(*good, {});
}

std::string save_fault(const std::string& name) {
    const config::Key key{.name = "name", .kind = config::Kind::name};
    return fmt::format("--save: {} is not valid; use {}", config::found_text({{}, name}),
                       config::allowed(key));
}

int run_command(const DiagnoseCommand& command, const CommandLine& line) {
    config::EndpointOptions options = command.options;
    config::OwnProfiles own = own_profiles(line);
    // A faulty file is in the way only of those who want what it should have.
    const bool wanted =
        !options.profile.empty() && options.profile != "none" && !config::find_profile(options.profile);
    if (wanted && !own.errors.empty()) {
        return give_up(*line.format, own.errors);
    }
    for (const config::Error& error : own.errors) {
        complain("profiles.d is ignored: " + error.to_string());
    }
    if (own.errors.empty()) {
        options.own_profiles = std::move(own.profiles);
    }
    if (!command.save_name.empty() && config::target_name_fault(command.save_name)) {
        return give_up(*line.format, exit_usage, save_fault(command.save_name));
    }
    options.chain = chain_for_port(options);
    auto endpoint = config::endpoint_for(options);
    if (const auto* errors = std::get_if<config::TargetErrors>(&endpoint)) {
        return wrong_target(*line.format, *errors);
    }
    const config::TargetPtr target = config::make_target(std::move(std::get<config::Endpoint>(endpoint)));
    auto accounts = chosen_accounts(command, *target, line.config_file);
    if (const auto* errors = std::get_if<std::vector<std::string>>(&accounts)) {
        return wrong_target(*line.format, *errors);
    }
    return check_and_report({target}, 1, {{}, command.pcap_file}, line, command.save_name,
                            std::get<AccountOptions>(std::move(accounts)));
}

int run_command(const ZoneCommand& command, const CommandLine& line) {
    auto zone = config::zone_for(command.options);
    if (const auto* errors = std::get_if<config::TargetErrors>(&zone)) {
        return wrong_target(*line.format, *errors);
    }
    config::Capture none;
    none.mode = config::CaptureMode::off;  // of queries alone, nothing is judged by its packets
    return check_and_report({config::make_target(std::move(std::get<config::Zone>(zone)))}, 1, {none, {}},
                            line);
}

int run_command(const RunCommand&, const CommandLine& line) {
    return run_daemon(line.config_file);
}

int run_command(const StatusCommand& command, const CommandLine& line) {
    return run_status(command, line);
}

int run_command(const HistoryCommand& command, const CommandLine&) {
    return run_history(command);
}

int run_command(const BundleCommand& command, const CommandLine& line) {
    return run_bundle(command, line);
}

int run_command(const CompareCommand& command, const CommandLine&) {
    return run_compare(command);
}

int run_command(const ImportCommand& command, const CommandLine&) {
    return run_import(command);
}

int run_command(const ExplainCommand& command, const CommandLine& line) {
    const HumanStyle style = style_for(STDOUT_FILENO, line.color);
    if (command.slug.empty()) {
        return print(explain_all(style), exit_healthy);
    }
    if (const auto text = explain(command.slug, style)) {
        return print(*text, exit_healthy);
    }
    complain(fmt::format(
        "unknown word \"{}\"; {}", command.slug,
        config::did_you_mean(command.slug, explained_slugs(), "`whylink explain` lists the known ones")));
    return exit_usage;
}

int run_command(const ProfilesCommand& command, const CommandLine& line) {
    const config::OwnProfiles own = own_profiles(line);
    if (!own.errors.empty()) {
        return give_up(*line.format, own.errors);
    }
    const HumanStyle style = style_for(STDOUT_FILENO, line.color);
    if (command.name.empty()) {
        return print(list_profiles(own.profiles, style), exit_healthy);
    }
    for (const config::Profile* profile : known_profiles(own.profiles)) {
        if (profile->name == command.name) {
            return print(command.toml ? profile_file(*profile) : show_profile(*profile, style), exit_healthy);
        }
    }
    complain(fmt::format("unknown profile \"{}\"; {}", command.name,
                         config::did_you_mean(command.name, profile_names(own.profiles),
                                              "`whylink profiles` lists the known ones")));
    return exit_usage;
}

int run_command(const AccountCheckCommand& command, const CommandLine& line) {
    const config::LoadResult loaded = config::load_file(line.config_file);
    if (!loaded.ok()) {
        return give_up(*line.format, loaded.errors);
    }
    return check_accounts(loaded.config.accounts, command, style_for(STDOUT_FILENO, line.color));
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : noun == "watch" ? "es" : "s");
}

int run_command(const ConfigCheckCommand&, const CommandLine& line) {
    const config::LoadResult loaded = config::load_file(line.config_file);
    if (!loaded.ok()) {
        return give_up(*line.format, loaded.errors);
    }
    for (const config::Error& warning : loaded.warnings) {
        static_cast<void>(write_all(STDERR_FILENO, warning.to_string("warning") + "\n"));
    }
    return print(
        fmt::format("{}: ok, {}, {}, {}{}{}\n", line.config_file,
                    counted(config::all_of_kind<config::Endpoint>(loaded.config.targets).size(), "endpoint"),
                    counted(config::all_of_kind<config::Zone>(loaded.config.targets).size(), "zone"),
                    counted(config::all_of_kind<config::Watch>(loaded.config.targets).size(), "watch"),
                    loaded.own_profiles.empty()
                        ? ""
                        : ", " + counted(loaded.own_profiles.size(), "profile") + " of profiles.d",
                    loaded.warnings.empty() ? "" : ", " + counted(loaded.warnings.size(), "warning")),
        exit_healthy);
}

int run_command(const ConfigShowCommand&, const CommandLine& line) {
    const config::LoadResult loaded = config::load_file(line.config_file);
    if (!loaded.ok()) {
        return give_up(*line.format, loaded.errors);
    }
    return print(config::show(loaded.config), exit_healthy);
}

}  // namespace

int run(const CommandLine& line) {
    return std::visit([&line](const auto& command) { return run_command(command, line); }, line.command);
}

}  // namespace whylink::daemon
