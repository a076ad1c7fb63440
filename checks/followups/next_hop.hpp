// Where a server sends its clients next, and what came of following it.
#pragma once

#include <string>
#include <vector>

#include "checks/followups/results.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

/// What the applications that pass name, each once, and not the endpoint itself: its host, or one of its addresses, on
/// the same port.
std::vector<probes::Referral> referrals(const config::Endpoint& endpoint, const Assessment& round);

/// It names an address that is of use on the server's own host only, or of none: loopback, unspecified, link-local or
/// multicast; or `localhost`.
bool is_special(const probes::Referral& referral);

/// Of one observation of the test: its name, or the connection.
Finding next_hop_finding(const JudgedProbe& probe);

/// That there are any, and what they and the tests show. Nothing of an endpoint that is itself a special address.
FactSet next_hop_facts(const config::Endpoint& endpoint, const Assessment& round);

/// "kafka-1.internal port 9092 does not resolve (NXDOMAIN)" of each that fails; empty: none does.
std::string next_hop_detail(const config::Endpoint& endpoint, const Assessment& round);

}  // namespace whylink::checks
