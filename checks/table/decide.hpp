// Facts → the decision, by the decision table.
#pragma once

#include "checks/judge.hpp"
#include "checks/table/rules.hpp"

namespace whylink::checks {

/// Total: facts that no row knows are told as such, with low confidence. The severity is left out, for it is
/// by the contract's rule and not by the table's.
Decision decide(FactSet facts);

/// With the severity. Of `round` the facts are all that are known, those of its surroundings among them.
Decision decide(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
