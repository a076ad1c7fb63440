// What was seen, as lines with numbers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/explain/details.hpp"
#include "checks/stages/subject.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// One line for each probe that decides, in the order of the stages; failures are kept when there are too
/// many lines.
std::vector<std::string> evidence(const config::Target& target, const Assessment& round,
                                  const Details& details);

/// The same of a watch: what was seen as a whole and by peer.
std::vector<std::string> watch_evidence(const Assessment& round, const Details& details);

/// "10.0.0.2:53", or "the hosts file"
std::string resolver_text(const probes::DnsFacts& facts);

}  // namespace whylink::checks
