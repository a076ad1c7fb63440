// Facts → the diagnosis, by the decision table.
#pragma once

#include <span>
#include <vector>

#include "checks/stages/subject.hpp"
#include "checks/table/facts.hpp"
#include "checks/table/rules.hpp"

namespace whylink::checks {

/// What the table says of a set of facts.
struct Decision {
    const Row* row = nullptr;        ///< never null
    const Row* by_itself = nullptr;  ///< likewise; were it not for the rounds before
    Confidence confidence = Confidence::low;
    std::vector<Cause> alternatives;
};

bool matches(const Row& row, FactSet facts);
bool matches(const Doubt& doubt, FactSet facts);

/// Total: facts that no row knows are told as such, with low confidence.
Decision decide(FactSet facts);

/// Severity is by the contract's rule and not by the cause: see severity(). Of `round` the facts are all that
/// are known, those of its surroundings among them.
Diagnosis diagnose(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
