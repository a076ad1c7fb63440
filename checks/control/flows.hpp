// The flows of a target, and what the rules of its account say of each.
#pragma once

#include <vector>

#include "checks/control/facts.hpp"
#include "checks/control/flow.hpp"
#include "checks/control/subject.hpp"

namespace whylink::control {

/// The interface of this host that has the address; null: not known.
const Interface* source_interface(const Facts& facts, const IpAddress& source);

/// Of every set of rules that was read and is about the way from this host to the endpoint.
std::vector<Ruling> judge_flows(const Facts& facts, const Subject& subject, const Endpoint& endpoint);

}  // namespace whylink::control
