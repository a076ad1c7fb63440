// What each follow-up test showed, in a line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/followups/results.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

/// One line for each, with what it showed; `details` as in Details.
std::vector<std::string> follow_up_evidence(const Assessment& round, std::span<const std::string> details);

/// The same in parts.
struct FollowUpLine {
    probes::FollowUp kind = probes::FollowUp::proxy_v2;
    Finding finding = Finding::nothing;
    std::string target;   ///< which name, port, address or resolver it was
    std::string shown;    ///< what was seen
    std::string meaning;  ///< what that shows
};

/// At the places of the round's follow-up tests.
std::vector<FollowUpLine> follow_up_lines(const Assessment& round, std::span<const std::string> details);

}  // namespace whylink::checks
