#include "checks/explain/describe.hpp"

#include <algorithm>
#include <iterator>

#include "checks/explain/text.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/hold.hpp"
#include "checks/stages/traffic/attempts.hpp"
#include "checks/stages/traffic/traffic.hpp"
#include "config/dns_name.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::NameRole;

void add_once(std::vector<std::string>& list, std::string item) {
    if (std::ranges::find(list, item) == list.end()) {
        list.push_back(std::move(item));
    }
}

bool is_resolver_outcome(Outcome outcome) {
    return is_network_level(outcome) || outcome == Outcome::servfail || outcome == Outcome::query_refused ||
           outcome == Outcome::bad_response;
}

bool ever_replied(const DnsFacts& resolver, const Assessment& round) {
    const auto replied = [&](const JudgedProbe& probe) {
        const DnsFacts* dns = dns_facts(probe);
        return dns != nullptr && dns->source == resolver.source && dns->resolver == resolver.resolver &&
               dns->resolver_port == resolver.resolver_port && resolver_replied(*dns);
    };
    return std::ranges::any_of(round.probes, replied) ||
           std::ranges::any_of(round.follow_ups, replied, &JudgedFollowUp::probe);
}

/// Whether the probe shows what the row takes from the resolvers.
bool shows(const JudgedProbe& probe, const DnsFacts& dns, const Row& row, const Assessment& round) {
    if (row.when.contains(Fact::control_resolves)) {
        return dns.role == NameRole::control && probe.outcome == Outcome::unexpected_address;
    }
    if (row.when.contains(Fact::resolver_forbidden_here)) {
        return forbidden_here(probe.observation);
    }
    if (row.when.contains(Fact::resolver_without_reply)) {
        return is_network_level(probe.outcome) && !forbidden_here(probe.observation) &&
               !ever_replied(dns, round);
    }
    if (row.when.contains(Fact::resolver_fails)) {
        return is_resolver_outcome(probe.outcome) && dns.role != NameRole::public_host;
    }
    if (row.when.contains(Fact::public_name_fails)) {
        return is_resolver_outcome(probe.outcome) && dns.role == NameRole::public_host;
    }
    return false;
}

/// The resolvers that show the row's cause; where it is about none in particular, those that do not resolve,
/// else those that say something wrong, else all.
std::string resolvers_text(const Row& row, const Assessment& round) {
    std::vector<std::string> showing;
    std::vector<std::string> failing;
    std::vector<std::string> wrong;
    std::vector<std::string> all;
    for (const JudgedProbe& probe : round.probes) {
        const DnsFacts* dns = dns_facts(probe);
        if (dns == nullptr || !probe.counts) {
            continue;
        }
        add_once(all, resolver_text(*dns));
        if (shows(probe, *dns, row, round)) {
            add_once(showing, resolver_text(*dns));
        }
        if (is_resolver_outcome(probe.outcome)) {
            add_once(failing, resolver_text(*dns));
        } else if (!passes(probe.outcome)) {
            add_once(wrong, resolver_text(*dns));
        }
    }
    return join(!showing.empty() ? showing : !failing.empty() ? failing : !wrong.empty() ? wrong : all);
}

/// The control's answers count only where nothing else is wrong: they are about no name of the target.
std::string wrong_answers(const config::Target& target, std::span<const JudgedProbe> probes,
                          bool want_wrong) {
    const Expectation expectation = expectation_of(target);
    std::vector<IpAddress> addresses;
    for (const JudgedProbe& probe : probes) {
        const DnsFacts* dns = dns_facts(probe);
        if (dns == nullptr || !probe.counts || dns->role == NameRole::control ||
            passes(probe.outcome) == want_wrong) {
            continue;
        }
        for (const probes::DnsQuery& query : dns->queries) {
            for (const probes::DnsAnswer& answer : query.answers) {
                const bool wrong = judge_address(answer.address, dns->source, expectation) != Outcome::ok ||
                                   dns->role == NameRole::public_host;
                const bool new_one = std::ranges::find(addresses, answer.address) == addresses.end();
                if (wrong == want_wrong && new_one) {
                    addresses.push_back(answer.address);
                }
            }
        }
    }
    return addresses_text(addresses);
}

std::string answers_text(const config::Target& target, std::span<const JudgedProbe> probes) {
    std::string wrong = wrong_answers(target, probes, true);
    return wrong.empty() ? wrong_answers(target, probes, false) : wrong;
}

/// Those that show by themselves what the row takes from the addresses; where none does, or the row needs
/// several that differ, all that fail.
std::vector<AddressState> blamed(const std::vector<AddressState>& failing, FactSet when) {
    std::vector<AddressState> shown;
    FactSet of_addresses;
    for (const AddressState& state : failing) {
        of_addresses.insert_all(summarise_address(state));
    }
    const FactSet wanted = of_addresses.intersection(when);
    std::ranges::copy_if(failing, std::back_inserter(shown), [wanted](const AddressState& state) {
        return summarise_address(state).contains_all(wanted);
    });
    return shown.empty() ? failing : shown;
}

/// The addresses that fail for the row's cause.
std::vector<AddressState> failing_states(const config::Target& target, const Row& row,
                                         const Assessment& round) {
    std::vector<AddressState> failing = address_states(target, round);
    std::erase_if(failing,
                  [](const AddressState& state) { return !state.right || passes(state.last->outcome); });
    return blamed(failing, row.when);
}

void add_addresses(Wording& wording, const config::Target& target, const Row& row, const Assessment& round) {
    std::vector<IpAddress> failing;
    std::vector<IpAddress> working;
    for (const AddressState& state : failing_states(target, row, round)) {
        failing.push_back(state.address);
    }
    for (const AddressState& state : address_states(target, round)) {
        if (state.right && passes(state.last->outcome)) {
            working.push_back(state.address);
        }
    }
    wording.address = addresses_text(failing.empty() ? working : failing);
    wording.working = addresses_text(working);
}

/// Of the last stage that fails, for later stages say more; of DNS only when no address fails.
std::string first_detail(const config::Target& target, const Row& row, const Assessment& round,
                         const Details& details) {
    if (row.when.contains(Fact::idle_dropped)) {
        return dropped_hold_detail(round.holds, details.holds);
    }
    for (const AddressState& state : failing_states(target, row, round)) {
        if (const std::string& detail = details.of(round, *state.last); !detail.empty()) {
            return detail;
        }
    }
    for (const AddressState& state : address_states(target, round)) {
        const std::string& detail = details.of(round, *state.last);
        if (state.right && state.last->outcome != Outcome::ok && !detail.empty()) {
            return detail;
        }
    }
    for (const JudgedProbe& probe : round.probes) {
        const std::string& detail = details.of(round, probe);
        if (probe.counts && probe.outcome != Outcome::ok && !detail.empty()) {
            return detail;
        }
    }
    return {};
}

std::string parent_of(const std::string& host) {
    const std::size_t dot = host.find('.');
    return dot == std::string::npos ? std::string() : host.substr(dot + 1);
}

/// "10.0.0.4" and "10.0.0.5", each once.
std::string peers_text(const std::vector<probes::PeerTraffic>& peers) {
    std::vector<IpAddress> addresses;
    for (const probes::PeerTraffic& peer : peers) {
        if (std::ranges::find(addresses, peer.peer) == addresses.end()) {
            addresses.push_back(peer.peer);
        }
    }
    return addresses_text(addresses);
}

/// The watch's, or where it has none the one that the failing peers share.
std::string port_text(const config::Watch& watch, const std::vector<probes::PeerTraffic>& peers) {
    const std::uint16_t port = watch.port != 0 || peers.empty() ? watch.port : peers.front().port;
    const bool shared = std::ranges::all_of(
        peers, [&](const probes::PeerTraffic& peer) { return watch.port != 0 || peer.port == port; });
    return port != 0 && shared ? std::to_string(port) : "(any)";
}

/// Of the first probe that fails, else of the traffic.
std::string watch_detail(const Row& row, const Assessment& round, const Details& details) {
    std::string detail;
    for (const JudgedProbe& probe : round.probes) {
        if (probe.counts && !passes(probe.outcome)) {
            // Beside a fault of this host the row speaks of what could be seen.
            const bool local = probe.outcome == Outcome::local_error;
            if (local == (row.cause == Cause::local_limit)) {
                return details.of(round, probe);
            }
        } else if (probe.observation.stage == probes::Stage::packets) {
            detail = details.of(round, probe);
        }
    }
    return detail;
}

Wording wording_of_watch(const config::Watch& watch, const Row& row, const Assessment& round,
                         const Details& details) {
    const probes::TrafficFacts* traffic = traffic_facts(round.probes);
    const Failing failing = traffic == nullptr ? Failing() : failing_of(*traffic);
    const bool inbound = watch.direction == config::Direction::inbound;
    Wording wording;
    wording.name = watch.name;
    wording.port = port_text(watch, failing.peers);
    wording.host = inbound ? "port " + wording.port + " of this VM" : "the peers of " + watch.name;
    wording.address = inbound                  ? "this VM"
                      : !failing.peers.empty() ? peers_text(failing.peers)
                      : traffic != nullptr     ? peers_text(traffic->peers)
                                               : std::string();
    wording.address = wording.address.empty() ? wording.host : wording.address;
    wording.working = peers_text(failing.working);
    wording.detail = watch_detail(row, round, details);
    return wording;
}

}  // namespace

Wording wording_of(const config::Target& target, const Row& row, const Assessment& round,
                   const Details& details) {
    if (target.watch() != nullptr) {
        return wording_of_watch(*target.watch(), row, round, details);
    }
    Wording wording;
    if (target.zone() != nullptr) {
        wording.name = target.zone()->name;
        wording.zone = canonical_name(target.zone()->zone);
        wording.host = "*." + wording.zone;
    } else {
        const config::Endpoint& endpoint = *target.endpoint();
        wording.name = endpoint.name;
        wording.host = endpoint.address ? endpoint.address->to_string() : canonical_name(endpoint.host);
        wording.zone = endpoint.address ? std::string() : parent_of(wording.host);
        wording.port = std::to_string(endpoint.port);
        wording.endpoint_id = endpoint.endpoint_id;
        wording.service = endpoint.service;
        wording.public_host = endpoint.public_host;
    }
    add_addresses(wording, target, row, round);
    wording.resolver = resolvers_text(row, round);
    wording.answers = answers_text(target, round.probes);
    wording.detail = first_detail(target, row, round, details);
    return wording;
}

}  // namespace whylink::checks
