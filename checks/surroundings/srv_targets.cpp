#include "checks/surroundings/srv_targets.hpp"

#include <algorithm>
#include <iterator>

#include "checks/stages/dns/answer.hpp"
#include "config/dns_name.hpp"

namespace whylink::checks {
namespace {

/// Each resolver says that the host has no address, and nothing else fails.
bool lacks_addresses_only(const Assessment& round) {
    return std::ranges::all_of(round.probes, [](const JudgedProbe& probe) {
        const auto* dns = probe.dns();
        const bool is_missing = probe.outcome == Outcome::nxdomain || probe.outcome == Outcome::nodata;
        return !probe.fails() || (is_missing && dns != nullptr && dns->role == probes::NameRole::host);
    });
}

}  // namespace

CheckedEndpoint checked_endpoint(const config::Target& target, const Assessment& round) {
    const config::Endpoint* endpoint = target.endpoint();
    if (endpoint == nullptr || endpoint->address) {
        return {};
    }
    return {canonical_name(endpoint->host), endpoint->port, round.passed()};
}

std::vector<probes::SrvTarget> srv_targets_of(const Assessment& round) {
    std::vector<probes::SrvTarget> targets;
    if (!round.facts.contains(Fact::srv_targets)) {
        return targets;
    }
    for (const JudgedFollowUp& test : round.follow_ups) {
        if (test.kind == probes::FollowUp::srv_name && test.probe.dns() != nullptr) {
            std::ranges::move(targets_of(*test.probe.dns()), std::back_inserter(targets));
        }
    }
    return targets;
}

FactSet SrvTargetsOf::facts(const Assessment& round) const {
    const std::vector<probes::SrvTarget> targets = srv_targets_of(round);
    const auto works = [this](const probes::SrvTarget& target) {
        return std::ranges::any_of(checked_, [&](const CheckedEndpoint& checked) {
            return checked.passed && checked.host == target.name && checked.port == target.port;
        });
    };
    if (targets.empty() || !std::ranges::all_of(targets, works)) {
        return {};
    }
    FactSet facts{Fact::srv_targets_work};
    facts.insert_if(lacks_addresses_only(round), Fact::all_pass);
    return facts;
}

}  // namespace whylink::checks
