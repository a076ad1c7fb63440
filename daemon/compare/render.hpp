// A comparison as text, and as JSON for programs.
#pragma once

#include <string>

#include "daemon/compare/differ.hpp"
#include "daemon/report/human/terminal.hpp"

namespace whylink::daemon {

/// How the two sides are called: by the hosts that saw them where these differ, else by what they were given as.
struct SideNames {
    std::string good;
    std::string bad;
};

std::string render_comparison(const Comparison& comparison, const SideNames& names, const HumanStyle& style);

/// {"schema": "whylink-compare/1", "good": "…", "bad": "…", "equal": false, "targets": [{"name", "kind", "target",
/// "good": {"healthy", "cause", "confidence"}, "bad": {…}, "differences": [{"layer", "what", "subject", "good", "bad",
/// "can_decide", "decisive"}]}], "only_good": [], "only_bad": []}
std::string comparison_json(const Comparison& comparison, const SideNames& names);

}  // namespace whylink::daemon
