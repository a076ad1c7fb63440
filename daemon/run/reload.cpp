#include "daemon/run/reload.hpp"

#include <fmt/format.h>

#include <utility>

#include "config/load.hpp"
#include "daemon/run/left_out.hpp"

namespace whylink::daemon {
namespace {

/// Endpoints that are remarked on, each by its name; there may be thousands of the kind.
constexpr std::size_t most_named = 10;

std::vector<std::string> remarks_on(const Wanted& wanted) {
    std::vector<std::string> remarks;
    if (wanted.targets.empty())
        remarks.push_back("the config has no enabled endpoint or zone: nothing is watched");
    std::size_t partly_checked = 0;
    for (const Watched& target : wanted.targets) {
        auto text = target.endpoint ? left_out(*target.endpoint) : std::nullopt;
        if (text && ++partly_checked <= most_named)
            remarks.push_back(std::move(*text));
    }
    if (partly_checked > most_named)
        remarks.push_back(
            fmt::format("of {} further endpoints only the connection is checked, for the same reason",
                        partly_checked - most_named));
    return remarks;
}

CaptureWish wish_of(const std::vector<Watched>& targets, const SystemFiles& files) {
    std::vector<config::Endpoint> endpoints;
    std::vector<config::Zone> zones;
    std::vector<config::Watch> watches;
    for (const Watched& target : targets) {
        if (target.endpoint) {
            endpoints.push_back(*target.endpoint);
        } else if (target.zone) {
            zones.push_back(*target.zone);
        } else {
            watches.push_back(target.watch->watch);
        }
    }
    return capture_wish(endpoints, zones, watches, files);
}

}  // namespace

std::variant<PreparedConfig, RefusedConfig> prepare_config(const std::string& file,
                                                           const std::vector<Watched>& before) {
    config::LoadResult loaded = config::load_file(file);
    if (!loaded.ok()) {
        RefusedConfig refused;
        for (const config::Error& error : loaded.errors)
            refused.errors.push_back(error.to_string());
        return refused;
    }
    PreparedConfig prepared;
    prepared.wanted = wanted_of(std::move(loaded.config));
    prepared.remarks = remarks_on(prepared.wanted);
    prepared.generation = make_generation(prepared.wanted.targets);
    prepared.capture_wish = wish_of(prepared.wanted.targets, prepared.generation->context.files);
    prepared.plan = make_plan(before, std::move(prepared.wanted.targets));
    return prepared;
}

std::string summary(const Plan& plan) {
    return fmt::format("{} added, {} removed, {} changed, {} adjusted, {} unchanged", plan.count(Fate::added),
                       plan.removed.size(), plan.count(Fate::changed), plan.count(Fate::adjusted),
                       plan.count(Fate::kept));
}

}  // namespace whylink::daemon
