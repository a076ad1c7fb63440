#include "daemon/watch/plan.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace whylink::daemon {
namespace {

/// Everything that neither the probes nor the diagnosis depend on, taken over from `other`.
void disregard_the_rest(config::TargetHead& target, const config::TargetHead& other) {
    target.labels = other.labels;
    target.interval = other.interval;
    target.failure_threshold = other.failure_threshold;
    target.success_threshold = other.success_threshold;
}

/// Idle connections are held beside the rounds.
void disregard_the_rest(config::Endpoint& target, const config::Endpoint& other) {
    target.hold = other.hold;
    target.hold_interval = other.hold_interval;
    disregard_the_rest(static_cast<config::TargetHead&>(target), other);
}

/// Of the defaults a watch uses no more than these.
void disregard_the_rest(config::Watch& target, const config::Watch& other) {
    static_cast<config::Common&>(target) = other;
    disregard_the_rest(static_cast<config::TargetHead&>(target), other);
}

template <class What>
Fate fate_of(What before, const What& after) {
    if (before == after) {
        return Fate::kept;
    }
    disregard_the_rest(before, after);
    return before == after ? Fate::adjusted : Fate::changed;
}

Fate fate_of(const config::Target& before, const config::Target& after) {
    return std::visit(
        [&after](const auto& what) {
            const auto* now = std::get_if<std::decay_t<decltype(what)>>(&after.what());
            return now == nullptr ? Fate::changed : fate_of(what, *now);
        },
        before.what());
}

}  // namespace

std::size_t Plan::count(Fate fate) const {
    return static_cast<std::size_t>(std::ranges::count(targets, fate, &PlannedTarget::fate));
}

Plan make_plan(const std::vector<config::TargetPtr>& before, std::vector<config::TargetPtr> after) {
    std::unordered_map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < before.size(); ++i) {
        by_name.emplace(before[i]->name(), i);
    }
    Plan plan;
    plan.targets.reserve(after.size());
    std::vector<bool> stays(before.size(), false);
    for (config::TargetPtr& target : after) {
        const auto found = by_name.find(target->name());
        if (found == by_name.end()) {
            plan.targets.push_back({std::move(target), Fate::added, 0});
            continue;
        }
        const std::size_t index = found->second;
        stays[index] = true;
        const Fate fate = fate_of(*before[index], *target);
        plan.targets.push_back({fate == Fate::kept ? before[index] : target, fate, index});
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (!stays[i]) {
            plan.removed.push_back(i);
        }
    }
    return plan;
}

}  // namespace whylink::daemon
