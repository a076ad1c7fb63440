// What the results of the follow-up tests add to the facts of a round, and which facts they explain.
#pragma once

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// What the results add.
FactSet summarise_follow_ups(const config::Target& target, const Assessment& round);

/// Facts that were ambiguous until a follow-up test explained them; what it added stands in their place. An
/// address that fails in another way keeps its own.
FactSet explained_by_follow_ups(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
