// The flows of a target, and what the rules of its account say of each.
#pragma once

#include <vector>

#include "checks/control/facts.hpp"
#include "checks/control/flow.hpp"
#include "checks/control/subject.hpp"

namespace whylink::control {

/// The interface of this host that has the address; null: not known.
const Interface* source_interface(const Facts& facts, const IpAddress& source);

/// What the rules deny to an address that no interface of this host in the account has is not known: a container's, say,
/// is translated before any of them sees it.
Ruling as_seen_from(const Facts& facts, const IpAddress& source, Ruling ruling);

/// Of every set of rules that was read and is about the way from this host to the endpoint.
std::vector<Ruling> judge_flows(const Facts& facts, const Subject& subject, const Endpoint& endpoint);

}  // namespace whylink::control
