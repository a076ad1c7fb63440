// When an endpoint's experiments are made, and what they showed last.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "checks/facts.hpp"
#include "probes/observation.hpp"

namespace whylink::daemon {

/// Of one target, from round to round: experiments are made at a new or changed failure, and then at most
/// once in `rounds_between`. In between their results stand, as long as the failure looks the same, or the
/// diagnosis would fall back to what it was before them. Of the event loop.
class ExperimentMemory {
  public:
    static constexpr unsigned rounds_between = 10;

    /// Whether they are due for a round whose own facts (those without experiments) are these.
    bool due(const checks::FactSet& picture) const;
    /// They were made; `results` have `experiment` set. Nothing is kept of a picture for which none was fit.
    void made(const checks::FactSet& picture, std::vector<probes::Observation> results);
    /// A round of this picture ended without new ones: what stands of the earlier ones.
    const std::vector<probes::Observation>& standing(const checks::FactSet& picture);
    /// A round that passed: the next failure is a new one.
    void passed();

  private:
    checks::FactSet picture_;
    bool any_ = false;
    unsigned rounds_ = 0;  ///< since they were made
    std::vector<probes::Observation> results_;
};

}  // namespace whylink::daemon
