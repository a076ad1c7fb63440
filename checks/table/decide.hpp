// Facts → the decision, by the decision table.
#pragma once

#include <span>

#include "checks/judge.hpp"
#include "checks/table/oddities.hpp"
#include "checks/table/rules.hpp"

namespace whylink::checks {

/// Total: facts that no row knows are told as such, with low confidence. The severity is left out, for it is
/// by the contract's rule and not by the table's.
Decision decide(FactSet facts);
/// By another list of oddities than oddities(); a cause that only the other list has is worded as undecided.
Decision decide(FactSet facts, std::span<const Oddity> oddities);

/// With the severity. Of `round` the facts are all that are known, those of its surroundings among them.
Decision decide(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
