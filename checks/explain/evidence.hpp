// What was seen, as lines with numbers: their order, and which are left out where there are too many. What a
// line says is with its stage (checks/stages).
#pragma once

#include <string>
#include <vector>

#include "checks/explain/details.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

/// One line for each probe that decides, in the order of the stages; failures are kept when there are too
/// many lines. Of a watch also what was seen as a whole and by peer.
std::vector<std::string> evidence(const config::Target& target, const Assessment& round,
                                  const Details& details);

}  // namespace whylink::checks
