#include "checks/subject.hpp"

#include <algorithm>

#include "checks/packets.hpp"

namespace whylink::checks {
namespace {

/// Where DNS or the hosts file gave the address for the host; the hosts file wins, for it is what
/// applications get.
probes::NameSource source_of(const IpAddress& address, std::span<const JudgedProbe> probes) {
    for (const JudgedProbe& probe : probes) {
        const probes::DnsFacts* facts = dns_facts(probe);
        if (facts != nullptr && facts->source == probes::NameSource::hosts_file &&
            std::find(facts->hosts_file.begin(), facts->hosts_file.end(), address) !=
                facts->hosts_file.end()) {
            return probes::NameSource::hosts_file;
        }
    }
    return probes::NameSource::resolver;
}

bool is_right(const IpAddress& address, const Subject& subject, std::span<const JudgedProbe> probes) {
    return subject.endpoint->address.has_value() ||
           judge_address(address, source_of(address, probes), expectation_of(subject)) == Outcome::ok;
}

}  // namespace

const probes::DnsFacts* dns_facts(const JudgedProbe& probe) {
    return std::get_if<probes::DnsFacts>(&probe.observation.facts);
}

Expectation expectation_of(const Subject& subject) {
    Expectation expectation;
    if (subject.zone != nullptr) {
        expectation.expect = subject.zone->expect;
        expectation.private_space = subject.zone->private_space;
        return expectation;
    }
    if (subject.watch != nullptr) {
        expectation.expect_traffic = subject.watch->expect_traffic;
        return expectation;
    }
    expectation.expect = subject.endpoint->expect;
    expectation.private_space = subject.endpoint->private_space;
    expectation.tls = subject.endpoint->tls.mode;
    expectation.expiry_warning = subject.endpoint->tls.expiry_warning;
    return expectation;
}

const probes::TrafficFacts* traffic_facts(std::span<const JudgedProbe> probes) {
    for (const JudgedProbe& probe : probes) {
        const auto* facts = std::get_if<probes::TrafficFacts>(&probe.observation.facts);
        if (facts != nullptr && !probe.observation.local) {
            return facts;
        }
    }
    return nullptr;
}

std::vector<AddressState> address_states(const Subject& subject, std::span<const JudgedProbe> probes,
                                         std::span<const probes::Observation> packets) {
    std::vector<AddressState> states;
    for (const JudgedProbe& probe : probes) {
        if (subject.endpoint == nullptr || !probe.counts || !probe.observation.address ||
            dns_facts(probe) != nullptr) {
            continue;
        }
        const IpAddress& address = *probe.observation.address;
        auto state = std::find_if(states.begin(), states.end(),
                                  [&](const AddressState& s) { return s.address == address; });
        if (state == states.end()) {
            states.push_back(
                {address, is_right(address, subject, probes), &probe, packets_of(address, packets)});
        } else if (probe.observation.stage >= state->last->observation.stage) {
            state->last = &probe;
        }
    }
    return states;
}

}  // namespace whylink::checks
