// From judged probes to the facts that hold of the round.
#pragma once

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// The facts of `round` itself are not read: they are what this gives.
FactSet summarise(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
