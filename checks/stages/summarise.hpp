// From judged probes to the facts that hold of the round.
#pragma once

#include <span>

#include "checks/stages/subject.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// The facts of `round` itself are not read: they are what this gives.
FactSet summarise(const config::Target& target, const Assessment& round);

/// The parts, one for each subject matter.
FactSet summarise_names(const config::Target& target, const Assessment& round);
FactSet summarise_addresses(const config::Target& target, const Assessment& round);
FactSet summarise_watch(std::span<const JudgedProbe> probes);
/// What one of the addresses shows, its packets included.
FactSet summarise_address(const AddressState& state);

/// A time-out, an ICMP error, no route: no reply to a query or to a SYN.
bool is_network_level(Outcome outcome);
/// Some reply of the resolver arrived, whatever it said.
bool resolver_replied(const probes::DnsFacts& facts);

}  // namespace whylink::checks
