// The decision table: which facts mean which cause. Data only; decide.cpp reads it, tests walk it.
#pragma once

#include <span>
#include <string_view>

#include "checks/table/cause.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// The first row whose `when` holds in full and whose `unless` holds in no part is the cause. Later rows that
/// match with another cause become alternatives, and keep the confidence below high.
struct Row {
    Cause cause;
    FactSet when;
    FactSet unless;
    Confidence best;  ///< the confidence when nothing else explains what was seen
    /// One or two short sentences without a line feed, with the placeholders of wording.hpp: the fault and its consequence.
    std::string_view summary;
    /// Of `healthy` only: something works here and not for others, so that the severity is `warning`. All rows that
    /// match and warn are said, the first of them as the summary, the others in the evidence.
    bool warns = false;
    std::string_view fault = {};  ///< a key of checks/texts/faults.toml, whose steps stand first; empty: none
    std::string_view title = {};  ///< in place of the cause's own, where that would say too much
};

/// In order: what comes and goes, this host, then DNS, then the addresses (the most decisive first), then what
/// works.
std::span<const Row> rules();

/// What else explains the picture of a cause: an alternative that has no sign of its own, so that no row can
/// find it. Applies when `cause` was chosen; like every alternative it keeps the confidence below high.
struct Doubt {
    Cause cause;
    FactSet when;
    FactSet unless;
    Cause alternative;
};

std::span<const Doubt> doubts();

}  // namespace whylink::checks
