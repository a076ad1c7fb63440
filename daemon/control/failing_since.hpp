// Since when a target fails as it does now: what accounts said before then proves nothing about it. Pure.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "checks/control/read.hpp"
#include "checks/judge.hpp"

namespace whylink::daemon {

/// Of round after round. A failure changes with an outcome that a stage did not have since the target began to fail;
/// one that comes back does not, so that a target that fails now so and now so is read once for each. What accounts say
/// has no part in it, or each answer would make a new failure.
class FailingSince {
  public:
    /// `started`: of the round. A probe that this host could not make says nothing.
    void add(const checks::Assessment& round, control::WallClock::time_point started);
    /// The start of the round that failed so first; none while it passes.
    std::optional<control::Time> since() const { return since_; }

  private:
    std::vector<std::pair<probes::Stage, checks::Outcome>> seen_;
    std::optional<control::Time> since_;
};

}  // namespace whylink::daemon
