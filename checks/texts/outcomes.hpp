// What is said of each outcome: outcomes.toml.
#pragma once

#include <span>
#include <string>

#include "checks/table/outcome.hpp"

namespace whylink::checks {

struct OutcomeText {
    Outcome outcome;
    std::string meaning;     ///< what was seen when this is said
    std::string told_apart;  ///< by what it is told from its neighbours
};

/// In the order of the enumeration. Read when first asked for.
std::span<const OutcomeText> outcome_texts();
const OutcomeText& text(Outcome outcome);

}  // namespace whylink::checks
