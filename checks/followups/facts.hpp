// What the results of the follow-up tests make of the facts of a round.
#pragma once

#include "checks/judge.hpp"

namespace whylink::checks {

/// Adds what the results show, and takes out what was ambiguous until a follow-up test explained it; an address
/// that fails in another way keeps its own.
void apply_follow_ups(FactSet& facts, const config::Endpoint& endpoint, const Assessment& round);

}  // namespace whylink::checks
