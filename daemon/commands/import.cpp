#include "daemon/commands/import.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <variant>

#include "config/files.hpp"
#include "daemon/import/blackbox.hpp"
#include "daemon/report/report.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

/// Nothing once it has been said why there is none.
std::optional<std::string> read_text(const std::string& file) {
    auto text = config::system_files().read(file);
    if (const auto* fault = std::get_if<config::FileFault>(&text)) {
        complain(fmt::format("cannot read {}: {}", file, fault->why));
        return std::nullopt;
    }
    return std::get<std::string>(std::move(text));
}

void say(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        static_cast<void>(write_all(STDERR_FILENO, line + "\n"));
    }
}

}  // namespace

int run_import(const ImportCommand& command) {
    const std::optional<std::string> blackbox = read_text(command.blackbox_file);
    std::optional<std::string> prometheus;
    if (!command.prometheus_file.empty()) {
        prometheus = read_text(command.prometheus_file);
    }
    if (!blackbox || prometheus.has_value() == command.prometheus_file.empty()) {
        return exit_usage;
    }
    imports::SourceFile jobs;
    if (prometheus) {
        jobs = {command.prometheus_file, *prometheus};
    }
    const imports::Imported result =
        imports::import_blackbox({command.blackbox_file, *blackbox}, prometheus ? &jobs : nullptr);
    if (!result.errors.empty()) {
        say(result.errors);
        return exit_usage;
    }
    say(result.left_out);
    return print(result.toml, exit_healthy);
}

}  // namespace whylink::daemon
