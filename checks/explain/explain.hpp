// A verdict in sentences, made when it is shown: in a report, for a change in the log, beside kept packets.
#pragma once

#include <string>
#include <vector>

#include "checks/explain/details.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

struct Explanation {
    std::string summary;                ///< one line
    std::vector<std::string> evidence;  ///< what was seen, with numbers
    std::vector<std::string> steps;     ///< what to do, in order
    Details details;                    ///< of each probe
};

/// `verdict` is judge()'s, of `target`.
Explanation explain(const config::Target& target, const Verdict& verdict);

}  // namespace whylink::checks
