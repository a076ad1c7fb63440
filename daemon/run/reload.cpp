#include "daemon/run/reload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/listener.hpp"
#include "config/load.hpp"

namespace whylink::daemon {
namespace {

/// Warnings of the configuration that are logged at each start and reload.
constexpr std::size_t max_warnings = 20;

/// At each start and reload: whoever reaches it reads what this host connects to, and can make it reload.
void add_open_listener(const config::Daemon& daemon, std::vector<std::string>& remarks) {
    if (daemon.users.empty() && daemon.tls.client_ca_file.empty() &&
        config::is_reachable_from_elsewhere(daemon.listen)) {
        remarks.push_back(fmt::format(
            "HTTP on {} is open to other hosts without a user: add [daemon.users], or listen on 127.0.0.1",
            daemon.listen));
    }
}

/// What is valid and cannot work, or does harm.
void add_warnings(const std::vector<config::Error>& warnings, std::vector<std::string>& remarks) {
    const std::size_t named = std::min(warnings.size(), max_warnings);
    for (std::size_t i = 0; i < named; ++i) {
        remarks.push_back(warnings[i].to_string());
    }
    if (warnings.size() > named) {
        remarks.push_back(
            fmt::format("{} more warnings: run `whylink config check` for all", warnings.size() - named));
    }
}

/// Of the main file from before it was read; the others are stamped a little late, which a reload mends.
std::vector<http::FileStamp> stamps_of(const http::FileStamp& main_file,
                                       const std::vector<std::string>& files) {
    std::vector<http::FileStamp> stamps{main_file};
    for (std::size_t i = 1; i < files.size(); ++i) {
        stamps.push_back(http::stamp_of(files[i]));
    }
    return stamps;
}

}  // namespace

config::Config wanted_of(config::Config config) {
    std::erase_if(config.targets, [](const config::TargetPtr& target) { return !target->head().enabled; });
    return config;
}

std::variant<PreparedConfig, ConfigErrors> prepare_config(const std::string& file,
                                                          const std::vector<config::TargetPtr>& before) {
    const http::FileStamp main_file = http::stamp_of(file);
    config::LoadResult loaded = config::load_file(file);
    if (!loaded.ok()) {
        ConfigErrors errors;
        for (const config::Error& error : loaded.errors) {
            errors.push_back(error.to_string());
        }
        return errors;
    }
    auto access = http::load_access(loaded.config.daemon, stamps_of(main_file, loaded.files));
    if (auto* fault = std::get_if<std::string>(&access)) {
        return ConfigErrors{std::move(*fault)};
    }
    PreparedConfig prepared;
    prepared.access = std::get<http::Access>(std::move(access));
    prepared.wanted = wanted_of(std::move(loaded.config));
    if (prepared.wanted.targets.empty()) {
        prepared.remarks.emplace_back("no endpoint, zone or watch is enabled: nothing is checked");
    }
    add_open_listener(prepared.wanted.daemon, prepared.remarks);
    add_warnings(loaded.warnings, prepared.remarks);
    prepared.generation = make_generation(prepared.wanted.targets);
    if (!prepared.wanted.on_demand.allow.empty()) {
        // The system's trust store, which takes tens of milliseconds to parse.
        static_cast<void>(tls_context_of(config::Endpoint(), prepared.generation->context));
    }
    prepared.capture_wish = capture_wish(prepared.wanted.targets, prepared.generation->context.files);
    prepared.plan = make_plan(before, std::move(prepared.wanted.targets));
    return prepared;
}

std::string summary(const Plan& plan) {
    return fmt::format("{} added, {} removed, {} changed, {} adjusted, {} unchanged", plan.count(Fate::added),
                       plan.removed.size(), plan.count(Fate::changed), plan.count(Fate::adjusted),
                       plan.count(Fate::kept));
}

}  // namespace whylink::daemon
