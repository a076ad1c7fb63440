// A connection that was held idle and then used: still there, ended by the peer, reset, or forgotten. It is
// no probe of a round, but what came of it is judged and told in the same parts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

/// `ok` when the connection was still there; the rest as its end says, and `timeout` for no answer to its
/// use.
Classification classify(const probes::HeldConnection& held);
probes::StreamEnd stream_end(const probes::HoldFacts& facts);

FactSet summarise_hold(std::span<const JudgedHold> holds);

/// One line for each connection that was held.
std::vector<std::string> hold_evidence(std::span<const JudgedHold> holds,
                                       std::span<const std::string> details);

/// Of the first connection that did not last; empty when all did.
std::string dropped_hold_detail(std::span<const JudgedHold> holds, std::span<const std::string> details);

}  // namespace whylink::checks
