// What a query as a follow-up test got, in a few words.
#pragma once

#include <string>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::checks {

/// "pl-0.eu.example:1024, pl-0.eu.example:1025 and 1 more"; empty for none. The order is that of the reply.
std::string srv_targets_text(const std::vector<probes::SrvTarget>& targets);

/// Of two queries of one socket: which of them were answered.
std::string pair_text(const probes::DnsFacts& dns);

}  // namespace whylink::checks
