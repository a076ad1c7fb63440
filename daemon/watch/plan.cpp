#include "daemon/watch/plan.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace whylink::daemon {
namespace {

/// Everything that neither the probes nor the diagnosis depend on, taken over from `other`.
template <class Target>
Target disregarding_the_rest(Target target, const Target& other) {
    target.labels = other.labels;
    target.interval = other.interval;
    target.failure_threshold = other.failure_threshold;
    target.success_threshold = other.success_threshold;
    return target;
}

/// Idle connections are held beside the rounds.
config::Endpoint disregarding_the_rest(config::Endpoint target, const config::Endpoint& other) {
    target.hold = other.hold;
    target.hold_interval = other.hold_interval;
    return disregarding_the_rest<config::Endpoint>(std::move(target), other);
}

WatchTarget disregarding_the_rest(WatchTarget target, const WatchTarget& other) {
    target.watch.labels = other.watch.labels;
    target.common = other.common;
    return target;
}

template <class Target>
Fate fate_of(const Target& before, const Target& after) {
    if (before == after) {
        return Fate::kept;
    }
    return disregarding_the_rest(before, after) == after ? Fate::adjusted : Fate::changed;
}

Fate fate_of(const Watched& before, const Watched& after) {
    if (before.kind() != after.kind()) {
        return Fate::changed;
    }
    if (before.watch) {
        return fate_of(*before.watch, *after.watch);
    }
    return before.endpoint ? fate_of(*before.endpoint, *after.endpoint) : fate_of(*before.zone, *after.zone);
}

}  // namespace

std::size_t Plan::count(Fate fate) const {
    return static_cast<std::size_t>(std::ranges::count(targets, fate, &PlannedTarget::fate));
}

Plan make_plan(const std::vector<Watched>& before, std::vector<Watched> after) {
    std::unordered_map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < before.size(); ++i) {
        by_name.emplace(before[i].name(), i);
    }
    Plan plan;
    plan.targets.reserve(after.size());
    std::vector<bool> stays(before.size(), false);
    for (Watched& target : after) {
        const auto found = by_name.find(target.name());
        if (found == by_name.end()) {
            plan.targets.push_back({std::move(target), Fate::added, 0});
            continue;
        }
        const std::size_t index = found->second;
        stays[index] = true;
        const Fate fate = fate_of(before[index], target);
        plan.targets.push_back({fate == Fate::kept ? before[index] : std::move(target), fate, index});
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (!stays[i]) {
            plan.removed.push_back(i);
        }
    }
    return plan;
}

}  // namespace whylink::daemon
