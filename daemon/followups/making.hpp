// How one planned follow-up test becomes a connection or a query.
#pragma once

#include <asio/awaitable.hpp>
#include <vector>

#include "daemon/followups/followups.hpp"

namespace whylink::daemon {

/// Takes out of `plan` what the round's time does not allow any more: a silence that was waited for less than
/// half a second in each stage, or less than the endpoint's own time-out, would pass for an answer that it is
/// not. Also what needs a TLS context that there is not.
void keep_what_there_is_time_for(const FollowUpRound& round, std::vector<checks::PlannedFollowUp>& plan);

/// A server sends its clients to an address of this host, which is none of its own: nothing is sent there.
void leave_out_hops_to_this_host(const FollowUpRound& round, std::vector<checks::PlannedFollowUp>& plan);

/// All at once; the results in the order of the plan. Their packets go to `frames`, each connection's with what it was.
/// `round` and `frames` must outlive the coroutine.
asio::awaitable<std::vector<probes::FollowUpTest>> make_follow_ups(const FollowUpRound& round,
                                                                   std::vector<checks::PlannedFollowUp> plan,
                                                                   probes::KeptFrames& frames);

}  // namespace whylink::daemon
