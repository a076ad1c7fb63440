// Whose verdict it is, and how its addresses fared.
#pragma once

#include <span>
#include <vector>

#include "checks/classify.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

/// `host_addresses` and `now` are left to the caller.
Expectation expectation_of(const Subject& subject);

/// One address of the endpoint with the last stage that was probed on it.
struct AddressState {
    IpAddress address;
    bool right =
        true;  ///< false: DNS should not have given it, so that its failures say nothing about the endpoint
    const JudgedProbe* last = nullptr;
    const probes::PacketFacts* packets = nullptr;  ///< of its connection; null when not captured
};

/// In the order in which the addresses were first probed. Pointers into `probes` and `packets`.
std::vector<AddressState> address_states(const Subject& subject, std::span<const JudgedProbe> probes,
                                         std::span<const probes::Observation> packets);

/// The facts of the watched traffic, null when there are none or they could not be had.
const probes::TrafficFacts* traffic_facts(std::span<const JudgedProbe> probes);

/// The facts when the probe is of the dns stage, else null.
const probes::DnsFacts* dns_facts(const JudgedProbe& probe);

}  // namespace whylink::checks
