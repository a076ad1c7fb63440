#include "daemon/commands/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "config/nearest.hpp"

namespace whylink::daemon {
namespace {

Targets enabled(const config::Config& config) {
    Targets targets;
    std::ranges::copy_if(config.endpoints, std::back_inserter(targets.endpoints), &config::Endpoint::enabled);
    std::ranges::copy_if(config.zones, std::back_inserter(targets.zones), &config::Zone::enabled);
    std::ranges::copy_if(config.watches, std::back_inserter(targets.watches), &config::Watch::enabled);
    return targets;
}

template <class T>
bool add_named(const std::vector<T>& all, std::string_view name, std::vector<T>& chosen) {
    const auto found = std::ranges::find(all, name, &T::name);
    if (found == all.end()) {
        return false;
    }
    if (std::ranges::find(chosen, name, &T::name) == chosen.end()) {
        chosen.push_back(*found);
    }
    return true;
}

std::string unknown_name(const config::Config& config, const std::string& name) {
    std::vector<std::string_view> known;
    for (const config::Endpoint& endpoint : config.endpoints) {
        known.push_back(endpoint.name);
    }
    for (const config::Zone& zone : config.zones) {
        known.push_back(zone.name);
    }
    for (const config::Watch& watch : config.watches) {
        known.push_back(watch.name);
    }
    std::string text = fmt::format("nothing in the config has the name \"{}\"", name);
    if (known.empty()) {
        return text;
    }
    return fmt::format("{}; the nearest is \"{}\"", text, config::nearest(name, known).word);
}

}  // namespace

std::variant<Targets, std::string> select(const config::Config& config,
                                          const std::vector<std::string>& names) {
    if (names.empty()) {
        return enabled(config);
    }
    Targets targets;
    for (const std::string& name : names) {
        if (!add_named(config.endpoints, name, targets.endpoints) &&
            !add_named(config.zones, name, targets.zones) &&
            !add_named(config.watches, name, targets.watches)) {
            return unknown_name(config, name);
        }
    }
    return targets;
}

}  // namespace whylink::daemon
