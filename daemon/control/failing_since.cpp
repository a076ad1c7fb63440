#include "daemon/control/failing_since.hpp"

#include <algorithm>

namespace whylink::daemon {

void FailingSince::add(const checks::Assessment& round, control::WallClock::time_point started) {
    if (round.passed()) {
        seen_.clear();
        since_.reset();
        return;
    }
    for (const checks::JudgedProbe& probe : round.probes) {
        const std::pair failure(probe.observation.stage, probe.outcome);
        const bool counts = probe.fails() && !probe.observation.local;
        if (counts && std::ranges::find(seen_, failure) == seen_.end()) {
            seen_.push_back(failure);
            since_ = std::chrono::floor<std::chrono::milliseconds>(started);
        }
    }
}

}  // namespace whylink::daemon
