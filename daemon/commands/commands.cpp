#include "daemon/commands/commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "config/load.hpp"
#include "config/own_profiles.hpp"
#include "config/profiles.hpp"
#include "config/show.hpp"
#include "daemon/commands/check.hpp"
#include "daemon/commands/explain.hpp"
#include "daemon/commands/give_up.hpp"
#include "daemon/commands/profiles.hpp"
#include "daemon/commands/progress.hpp"
#include "daemon/commands/record.hpp"
#include "daemon/commands/selection.hpp"
#include "daemon/commands/status.hpp"
#include "daemon/evidence/evidence_file.hpp"
#include "daemon/evidence/store.hpp"
#include "daemon/packets/packet_service.hpp"
#include "daemon/report/human/terminal.hpp"
#include "daemon/run/process.hpp"
#include "daemon/run/service.hpp"
#include "daemon/system/standard_streams.hpp"

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
    if (auto fault = write_capture_file(
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

int check_and_report(const std::vector<config::TargetPtr>& targets, unsigned max_concurrent,
                     const PacketsWanted& packets, const CommandLine& line) {
    ProgressLine progress(STDERR_FILENO);
    CheckOptions options;
    // The configured ones are the daemon's: `check` is to be quick.
    options.hold = std::holds_alternative<DiagnoseCommand>(line.command);
    options.capture = packets.capture;
    options.max_concurrent = std::min(max_concurrent, rounds_for(raise_open_files()));
    options.on_progress = [&progress](const Progress& now) { progress.show(now); };
    options.on_signal = [&progress](int signal) {
        progress.erase();
        std::_Exit(128 + signal);
    };
    CheckResult result = run_check(targets, options);
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
    }
    if (const auto fault = write_packets(result, packets.file)) {
        return give_up(*line.format, exit_unknown, *fault);
    }
    if (!line.record_file.empty()) {
        if (const auto fault = record(report, line.record_file)) {
            return give_up(*line.format, exit_unknown, *fault);
        }
    }
    return print(line.format->render(report, style_for(STDOUT_FILENO), std::nullopt),
                 line.format->exit_status(report));
}

int run_command(const CheckCommand& command, const CommandLine& line) {
    const config::LoadResult loaded = config::load_file(line.config_file);
    if (!loaded.ok()) {
        return give_up(*line.format, loaded.errors);
    }
    const auto targets = select(loaded.config, command.names);
    if (const auto* error = std::get_if<std::string>(&targets)) {
        return give_up(*line.format, exit_usage, *error);
    }
    const auto& chosen = std::get<std::vector<config::TargetPtr>>(targets);
    if (chosen.empty()) {
        complain(
            fmt::format("{} has no enabled endpoint, zone or watch: nothing is checked", line.config_file));
    }
    return check_and_report(chosen, loaded.config.daemon.max_concurrent,
                            {loaded.config.capture, command.pcap_file}, line);
}

int wrong_target(const ReportFormat& format, const config::TargetErrors& errors) {
    return give_up(format, exit_usage, fmt::format("{}", fmt::join(errors, "\n")));
}

config::OwnProfiles own_profiles(const CommandLine& line) {
    return config::load_own_profiles(std::filesystem::path(line.config_file).parent_path());
}

/// What was not asked for must be said.
void say_what_was_picked(const config::EndpointOptions& options, const config::Endpoint& endpoint) {
    if (!options.profile.empty() || endpoint.profile.empty()) {
        return;
    }
    complain(fmt::format("{} looks like {}: its profile is used (--profile none leaves it out)",
                         endpoint.host, endpoint.profile));
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
        complain(error.to_string() + "; the profiles of this folder are left out");
    }
    if (own.errors.empty()) {
        options.own_profiles = std::move(own.profiles);
    }
    auto endpoint = config::endpoint_for(options);
    if (const auto* errors = std::get_if<config::TargetErrors>(&endpoint)) {
        return wrong_target(*line.format, *errors);
    }
    say_what_was_picked(options, std::get<config::Endpoint>(endpoint));
    return check_and_report({config::make_target(std::move(std::get<config::Endpoint>(endpoint)))}, 1,
                            {{}, command.pcap_file}, line);
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

int run_command(const ExplainCommand& command, const CommandLine&) {
    const HumanStyle style = style_for(STDOUT_FILENO);
    if (command.slug.empty()) {
        return print(explain_all(style), exit_healthy);
    }
    if (const auto text = explain(command.slug, style)) {
        return print(*text, exit_healthy);
    }
    complain(fmt::format("there is no outcome or cause \"{}\"; the nearest is \"{}\"", command.slug,
                         nearest_slug(command.slug)));
    return exit_usage;
}

int run_command(const ProfilesCommand& command, const CommandLine& line) {
    const config::OwnProfiles own = own_profiles(line);
    if (!own.errors.empty()) {
        return give_up(*line.format, own.errors);
    }
    const HumanStyle style = style_for(STDOUT_FILENO);
    if (command.name.empty()) {
        return print(list_profiles(own.profiles, style), exit_healthy);
    }
    for (const config::Profile* profile : known_profiles(own.profiles)) {
        if (profile->name == command.name) {
            return print(command.toml ? profile_file(*profile) : show_profile(*profile, style), exit_healthy);
        }
    }
    complain(fmt::format("there is no profile \"{}\"; the nearest is \"{}\"", command.name,
                         nearest_profile(own.profiles, command.name)));
    return exit_usage;
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
