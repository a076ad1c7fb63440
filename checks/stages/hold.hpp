// What a connection that was held idle says: facts, evidence, and the detail of the rows that it decides.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

FactSet summarise_hold(std::span<const JudgedHold> holds);

/// One line for each connection that was held.
std::vector<std::string> hold_evidence(std::span<const JudgedHold> holds,
                                       std::span<const std::string> details);

/// Of the first connection that did not last; empty when all did.
std::string dropped_hold_detail(std::span<const JudgedHold> holds, std::span<const std::string> details);

}  // namespace whylink::checks
