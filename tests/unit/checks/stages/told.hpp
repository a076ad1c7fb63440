// A classification with its text made, which outlives what was classified.
#pragma once

#include <string>
#include <vector>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

struct Told {
    Outcome outcome = Outcome::ok;
    std::string detail;
    std::vector<Outcome> faults;
    std::vector<Outcome> query_outcomes;
    bool counts = true;
};

inline Told told(const probes::Observation& observation, const Expectation& expectation = {}) {
    Classification seen = classify(observation, expectation);
    return {seen.outcome, seen.detail.text(), std::move(seen.faults), std::move(seen.query_outcomes),
            seen.counts};
}

}  // namespace whylink::checks
