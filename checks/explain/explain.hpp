// A verdict in sentences, made when it is shown: in a report, for a change in the log, beside kept packets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/explain/details.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

struct Explanation {
    std::string summary;                ///< one or two sentences, in one line
    std::vector<std::string> evidence;  ///< what was seen, with numbers
    std::vector<std::string> steps;     ///< what to do, in order
    /// What the names in the steps mean, in short (ENDPOINT_ID); the last steps say it at length.
    std::vector<std::string> identifiers;
    /// What was seen and does not follow from the cause; empty as a rule.
    std::vector<std::string> unexplained;
    /// What would settle it, where the confidence is not high; empty: nothing is known that would.
    std::string settle;
    Details details;  ///< of each probe
};

/// A few words for what was decided: the cause's title, or the row's where that says more than was seen.
std::string_view title_of(const Decision& decision);

/// `verdict` is judge()'s, of `target`.
Explanation explain(const config::Target& target, const Verdict& verdict);

}  // namespace whylink::checks
