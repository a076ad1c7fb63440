// What the whole picture says.
#pragma once

#include <cstdint>
#include <vector>

#include "config/cause.hpp"

namespace whylink::checks {

enum class Severity : std::uint8_t { ok, warning, critical };

consteval auto vocabulary(Severity) {
    using enum Severity;
    return terms<Severity>({{ok, "ok"}, {warning, "warning"}, {critical, "critical"}});
}

enum class Confidence : std::uint8_t { low, medium, high };

consteval auto vocabulary(Confidence) {
    using enum Confidence;
    return terms<Confidence>({{low, "low"}, {medium, "medium"}, {high, "high"}});
}

struct Oddity;  // table/oddities.hpp
struct Row;     // table/rules.hpp

/// What the table says of the facts. No sentence: those are made when it is shown, see explain/explain.hpp.
struct Decision {
    Cause cause = Cause::healthy;
    /// What the round shows, whatever the rounds before it did.
    Cause by_itself = Cause::healthy;
    Severity severity = Severity::ok;
    Confidence confidence = Confidence::high;
    std::vector<Cause> alternatives;  ///< what was seen does not rule these out
    /// Rows of oddities(): what was seen, is out of the ordinary, and does not follow from the cause.
    std::vector<const Oddity*> unexplained;
    const Row* row = nullptr;          ///< of the table, which words it
    std::vector<const Row*> warnings;  ///< of what is healthy: further rows that warn
};

}  // namespace whylink::checks
