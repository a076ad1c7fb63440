// How the addresses of an endpoint fared, each by the last stage that was probed on it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// One address of the endpoint with the last stage that was probed on it.
struct AddressState {
    IpAddress address;
    /// False: DNS should not have given it, so that its failures say nothing about the endpoint.
    bool right = true;
    const JudgedProbe* last = nullptr;
    const JudgedProbe* tls = nullptr;  ///< the handshake that `last` is, or that it is inside; null: none
    const probes::PacketFacts* packets = nullptr;  ///< of its connection; null when not captured
    const JudgedProbe* tcp = nullptr;  ///< the connection that all this is about; null: none was tried
    FactSet links = {};                ///< of a certificate for another name: how that is linked to the host

    bool works() const { return right && passes(last->outcome); }
    bool fails() const { return right && !passes(last->outcome); }
};

/// The config names the address, or lets DNS, or the hosts file, give it. To any other nothing secret is sent.
bool is_right_address(const config::Endpoint& endpoint, const IpAddress& address, probes::NameSource source);

/// In the order in which the addresses were first probed. Pointers into `round`.
std::vector<AddressState> address_states(const config::Endpoint& endpoint, const Assessment& round);
/// Of a zone or a watch there are none.
std::vector<AddressState> address_states(const config::Target& target, const Assessment& round);

/// What one of the addresses shows, its packets included.
FactSet summarise_address(const AddressState& state);
/// Of `when` what one of the addresses shows.
FactSet shown_of(FactSet when, std::span<const AddressState> states);
FactSet summarise_addresses(const config::Target& target, const Assessment& round);

/// The line of a probe of an address: `said` is what its stage says beside the detail, and may be empty.
std::string address_line(const JudgedProbe& probe, std::string said, const std::string& detail);

}  // namespace whylink::checks
