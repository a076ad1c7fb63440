// What is known beyond a round: the other targets, the rounds before.
#pragma once

#include <span>

#include "checks/table/facts.hpp"

namespace whylink::checks {

struct Assessment;
struct Verdict;

/// Each source is asked before the table is read. A new one is a class of this kind, its facts, and the place
/// that hands it to judge().
class Source {
  public:
    virtual ~Source() = default;

    /// What it adds to the facts that the round shows by itself.
    virtual FactSet facts(const Assessment& round) const = 0;
    /// Adds its numbers to a verdict that its facts have decided. By default there are none.
    virtual void tell(Verdict& /*verdict*/) const {}
};

/// None is null; each outlives the judgement.
using Surroundings = std::span<const Source* const>;

}  // namespace whylink::checks
