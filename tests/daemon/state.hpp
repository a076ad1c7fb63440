// Where a target's state shows: every place must say the same.
#pragma once

#include <optional>
#include <string>

#include "daemon.hpp"

namespace whylink::daemon_test {

struct State {
    std::string cause;
    bool healthy = false;
    Probe probe;  ///< the one that tells
};

/// Polls until the metrics name the cause and the health (healthy: without a warning), then expects metrics, report,
/// `whylink status` and, as the latest change of the target, the log to agree. The state must be one that lasts.
void expect_state(const Daemon& daemon, const std::string& name, const State& state);

/// Expects that no record of the log, so far, gave the target this cause.
void expect_never(const Daemon& daemon, const std::string& name, const std::string& cause);

/// What the target's stage of this outcome has counted so far.
double rounds_ended_so(const Metrics& metrics, const std::string& name, const std::string& stage,
                       const std::string& outcome);

}  // namespace whylink::daemon_test
