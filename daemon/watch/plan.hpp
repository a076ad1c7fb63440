// What a new configuration means for the targets that are watched already.
#pragma once

#include <cstddef>
#include <vector>

#include "config/config.hpp"

namespace whylink::daemon {

enum class Fate {
    added,
    changed,   ///< the same name for something else to measure or to expect: starts without a history
    adjusted,  ///< other labels, interval or thresholds: state and history go on
    kept,
};

struct PlannedTarget {
    config::TargetPtr what;
    Fate fate = Fate::added;
    std::size_t before = 0;  ///< index among the targets of before, unless added
};

struct Plan {
    std::vector<PlannedTarget> targets;  ///< in the new order
    std::vector<std::size_t> removed;    ///< indices among the targets of before

    std::size_t count(Fate fate) const;
};

/// Targets are the same when their names are. A kept target keeps its `what`. Pure, and takes a few
/// microseconds for each target, so that it may be done beside the event loop.
Plan make_plan(const std::vector<config::TargetPtr>& before, std::vector<config::TargetPtr> after);

}  // namespace whylink::daemon
