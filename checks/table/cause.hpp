// What the whole picture says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/cause.hpp"

namespace whylink::checks {

using whylink::Cause;

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

struct Diagnosis {
    Cause cause = Cause::healthy;
    /// What the round shows, whatever the rounds before it did.
    Cause by_itself = Cause::healthy;
    Severity severity = Severity::ok;
    Confidence confidence = Confidence::high;
    std::string summary;                   ///< one line
    std::vector<std::string> evidence;     ///< what was seen, with numbers
    std::vector<std::string> remediation;  ///< steps, in order
    std::vector<Cause> alternatives;       ///< what was seen does not rule these out
};

}  // namespace whylink::checks
