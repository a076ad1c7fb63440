// How one planned experiment becomes a connection or a query.
#pragma once

#include <asio/awaitable.hpp>
#include <vector>

#include "daemon/followups/experiments.hpp"

namespace whylink::daemon {

/// Takes out of `plan` what the round's time does not allow any more: a silence that was waited for less than
/// half a second in each stage, or less than the endpoint's own time-out, would pass for an answer that it is
/// not. Also what needs a TLS context that there is not.
void keep_what_there_is_time_for(const ExperimentRound& round, std::vector<checks::PlannedExperiment>& plan);

/// All at once; the results in the order of the plan. `round` must outlive the coroutine.
asio::awaitable<std::vector<probes::FollowUpTest>> make_experiments(
    const ExperimentRound& round, std::vector<checks::PlannedExperiment> plan);

}  // namespace whylink::daemon
