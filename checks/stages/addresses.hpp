// How the addresses of an endpoint fared, each by the last stage that was probed on it.
#pragma once

#include <string>
#include <vector>

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// One address of the endpoint with the last stage that was probed on it.
struct AddressState {
    IpAddress address;
    bool right =
        true;  ///< false: DNS should not have given it, so that its failures say nothing about the endpoint
    const JudgedProbe* last = nullptr;
    const JudgedProbe* tls = nullptr;  ///< the handshake that `last` is, or that it is inside; null: none
    const probes::PacketFacts* packets = nullptr;  ///< of its connection; null when not captured
};

/// In the order in which the addresses were first probed. Pointers into `round`.
std::vector<AddressState> address_states(const config::Endpoint& endpoint, const Assessment& round);
/// Of a zone or a watch there are none.
std::vector<AddressState> address_states(const config::Target& target, const Assessment& round);

/// What one of the addresses shows, its packets included.
FactSet summarise_address(const AddressState& state);
FactSet summarise_addresses(const config::Target& target, const Assessment& round);

/// The line of a probe of an address: `said` is what its stage says beside the detail, and may be empty.
std::string address_line(const JudgedProbe& probe, std::string said, const std::string& detail);

}  // namespace whylink::checks
