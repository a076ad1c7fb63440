// What each follow-up test showed, in a line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::checks {

/// One line for each, with what it showed; `details` as in Details.
std::vector<std::string> follow_up_evidence(const Assessment& round, std::span<const std::string> details);

}  // namespace whylink::checks
