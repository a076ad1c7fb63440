#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "checks/diagnose.hpp"
#include "checks/judge.hpp"
#include "checks/subject.hpp"
#include "checks/summarise.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;

Subject subject_of(const Sibling& sibling) {
    return {sibling.endpoint, sibling.zone};
}

void rewrite(const Sibling& sibling, FactSet facts) {
    Verdict& verdict = *sibling.verdict;
    verdict.facts.insert_all(facts);
    verdict.diagnosis = diagnose(subject_of(sibling), verdict.facts, verdict.probes);
}

// ---- the network of this VM ----

/// Nothing came back from anywhere: an RST, an accepted connection and an ICMP error of a host that says that
/// its port is closed all show that the network carries packets.
bool nothing_came_back(const JudgedProbe& probe) {
    return probe.outcome == Outcome::timeout || probe.outcome == Outcome::unreachable;
}

bool fails_at_the_network(const Verdict& verdict) {
    bool any = false;
    for (const JudgedProbe& probe : verdict.probes) {
        const auto* tcp = std::get_if<probes::TcpFacts>(&probe.observation.facts);
        const DnsFacts* dns = dns_facts(probe);
        if (dns != nullptr && dns->source == probes::NameSource::hosts_file) {
            continue;
        }
        const bool silent =
            (dns != nullptr && !resolver_replied(*dns)) || (tcp != nullptr && !tcp->connected);
        if (!silent || !nothing_came_back(probe)) {
            return false;
        }
        any = true;
    }
    return any;
}

/// Loopback does not need the network.
bool is_elsewhere(const IpAddress& address) {
    return address_space(address) != AddressSpace::special;
}

bool something_came_back(const JudgedProbe& probe) {
    if (const DnsFacts* dns = dns_facts(probe)) {
        return dns->source == probes::NameSource::resolver && is_elsewhere(dns->resolver) &&
               resolver_replied(*dns);
    }
    const auto* tcp = std::get_if<probes::TcpFacts>(&probe.observation.facts);
    return tcp != nullptr && tcp->connected && probe.observation.address &&
           is_elsewhere(*probe.observation.address);
}

bool is_reached(const Sibling& sibling) {
    return std::any_of(sibling.verdict->probes.begin(), sibling.verdict->probes.end(), something_came_back);
}

/// A network that works for one target is not down for another.
void note_reached_siblings(std::vector<Sibling>& siblings) {
    for (const Sibling& sibling : siblings) {
        const FactSet& facts = sibling.verdict->facts;
        const bool doubted =
            facts.contains(Fact::resolvers_without_route) || facts.contains(Fact::resolver_timed_out);
        if (doubted && std::any_of(siblings.begin(), siblings.end(), [&](const Sibling& other) {
                return other.verdict != sibling.verdict && is_reached(other);
            })) {
            rewrite(sibling, {Fact::sibling_reached});
        }
    }
}

bool asks_a_resolver(const Verdict& verdict) {
    return std::any_of(verdict.probes.begin(), verdict.probes.end(), [](const JudgedProbe& probe) {
        const DnsFacts* dns = dns_facts(probe);
        return dns != nullptr && dns->source == probes::NameSource::resolver;
    });
}

bool tries_an_address(const Sibling& sibling) {
    return std::any_of(sibling.verdict->probes.begin(), sibling.verdict->probes.end(),
                       [](const JudgedProbe& probe) { return probe.observation.address.has_value(); });
}

bool lacks_every_route(const Verdict& verdict) {
    return std::all_of(verdict.probes.begin(), verdict.probes.end(), [](const JudgedProbe& probe) {
        const auto* tcp = std::get_if<probes::TcpFacts>(&probe.observation.facts);
        return tcp != nullptr && tcp->no_route;
    });
}

/// Targets by address alone ask no resolver, and what drops the SYNs of all of them may be anywhere; only a
/// missing route is this VM's.
bool network_is_down(const std::vector<Sibling>& siblings) {
    const bool all_fail = std::all_of(siblings.begin(), siblings.end(),
                                      [](const Sibling& s) { return fails_at_the_network(*s.verdict); });
    const bool resolver_asked = std::any_of(siblings.begin(), siblings.end(),
                                            [](const Sibling& s) { return asks_a_resolver(*s.verdict); });
    const bool no_route = std::all_of(siblings.begin(), siblings.end(),
                                      [](const Sibling& s) { return lacks_every_route(*s.verdict); });
    return all_fail && (resolver_asked || no_route);
}

// ---- one service among those of an address ----

using Door = std::pair<IpAddress, std::uint16_t>;

/// Where the server has sent something.
std::set<Door> doors_that_speak(const Sibling& sibling) {
    std::set<Door> doors;
    for (const JudgedProbe& probe : sibling.verdict->probes) {
        const auto* tls = std::get_if<probes::TlsFacts>(&probe.observation.facts);
        if (tls != nullptr && tls->bytes_received > 0 && probe.observation.address) {
            doors.insert({*probe.observation.address, probe.observation.port});
        }
    }
    return doors;
}

std::string server_name(const config::Endpoint& endpoint) {
    return endpoint.tls.server_name.empty() ? endpoint.host : endpoint.tls.server_name;
}

/// Another name, asked in the same way about the PROXY header.
bool may_tell(const config::Endpoint& endpoint, const config::Endpoint& other) {
    return &endpoint != &other && server_name(endpoint) != server_name(other) &&
           endpoint.proxy_protocol == other.proxy_protocol;
}

using Speakers = std::map<Door, std::vector<const config::Endpoint*>>;

bool is_served_beside(const JudgedProbe& probe, const config::Endpoint& endpoint, const Speakers& speakers) {
    if (!probe.counts || probe.outcome != Outcome::pending_allowlist || !probe.observation.address) {
        return false;
    }
    const auto others = speakers.find({*probe.observation.address, probe.observation.port});
    return others != speakers.end() &&
           std::any_of(others->second.begin(), others->second.end(),
                       [&](const config::Endpoint* other) { return may_tell(endpoint, *other); });
}

void note_served_siblings(std::vector<Sibling>& siblings) {
    Speakers speakers;
    for (const Sibling& sibling : siblings) {
        if (sibling.endpoint != nullptr) {
            for (const Door& door : doors_that_speak(sibling)) {
                speakers[door].push_back(sibling.endpoint);
            }
        }
    }
    for (const Sibling& sibling : siblings) {
        const std::vector<JudgedProbe>& probes = sibling.verdict->probes;
        if (sibling.endpoint != nullptr &&
            std::any_of(probes.begin(), probes.end(), [&](const JudgedProbe& probe) {
                return is_served_beside(probe, *sibling.endpoint, speakers);
            })) {
            rewrite(sibling, {Fact::sibling_served});
        }
    }
}

}  // namespace

void judge_siblings(std::vector<Sibling>& siblings) {
    if (siblings.size() < 2) {
        return;
    }
    if (network_is_down(siblings)) {
        FactSet down{Fact::siblings_down};
        down.insert_if(std::none_of(siblings.begin(), siblings.end(), tries_an_address),
                       Fact::only_names_tried);
        for (const Sibling& sibling : siblings) {
            rewrite(sibling, down);
        }
        return;
    }
    note_reached_siblings(siblings);
    note_served_siblings(siblings);
}

}  // namespace whylink::checks
