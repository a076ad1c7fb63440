#include "daemon/commands/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "config/nearest.hpp"

namespace whylink::daemon {
namespace {

using Targets = std::vector<config::TargetPtr>;

std::string unknown_name(const config::Config& config, const std::string& name) {
    std::vector<std::string_view> known;
    for (const config::TargetPtr& target : config.targets) {
        known.push_back(target->name());
    }
    return fmt::format("nothing in the config has the name \"{}\"{}", name, config::name_hint(name, known));
}

}  // namespace

std::variant<Targets, std::string> select(const config::Config& config,
                                          const std::vector<std::string>& names) {
    Targets chosen;
    if (names.empty()) {
        std::ranges::copy_if(config.targets, std::back_inserter(chosen),
                             [](const config::TargetPtr& target) { return target->head().enabled; });
        return chosen;
    }
    for (const std::string& name : names) {
        const auto found = std::ranges::find(config.targets, name,
                                             [](const config::TargetPtr& target) { return target->name(); });
        if (found == config.targets.end()) {
            return unknown_name(config, name);
        }
        if (std::ranges::find(chosen, *found) == chosen.end()) {
            chosen.push_back(*found);
        }
    }
    std::ranges::stable_sort(chosen, {}, [](const config::TargetPtr& target) { return target->kind(); });
    return chosen;
}

}  // namespace whylink::daemon
