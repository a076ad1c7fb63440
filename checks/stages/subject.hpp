// What is expected of a target, and how its addresses fared.
#pragma once

#include <span>
#include <vector>

#include "checks/judge.hpp"
#include "checks/stages/classify.hpp"

namespace whylink::checks {

/// Of a public host the addresses of the private one are no right answer: those that DNS or the config gave.
std::vector<IpAddress> addresses_of_host(const config::Target& target, std::span<const JudgedProbe> probes);
/// Refers to `of_host`, which is addresses_of_host().
Expectation expectation_of(const config::Target& target, std::span<const IpAddress> of_host, TimePoint now);

/// `host_addresses` and `now` are left to the caller.
Expectation expectation_of(const config::Endpoint& endpoint);
Expectation expectation_of(const config::Zone& zone);
Expectation expectation_of(const config::Watch& watch);
Expectation expectation_of(const config::Target& target);

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

/// Where TLS was only tried and a plain attempt at the same address follows: decides which of the two counts.
/// A service that speaks its protocol in plain text needs no TLS; what says nothing in plain text either, or
/// asks for TLS, leaves it at what TLS showed.
void weigh_tried_tls(const config::Target& target, std::vector<JudgedProbe>& probes);

/// The facts of the watched traffic, null when there are none or they could not be had.
const probes::TrafficFacts* traffic_facts(std::span<const JudgedProbe> probes);

/// The facts when the probe is of the dns stage, else null.
const probes::DnsFacts* dns_facts(const JudgedProbe& probe);

}  // namespace whylink::checks
