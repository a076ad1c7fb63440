#include "checks/explain/describe.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "checks/explain/server_names.hpp"
#include "checks/explain/text.hpp"
#include "checks/followups/next_hop.hpp"
#include "checks/followups/query_text.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/dns/extended_error.hpp"
#include "checks/stages/dns/negative.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/hold.hpp"
#include "checks/stages/host.hpp"
#include "checks/stages/proxies.hpp"
#include "checks/stages/traffic/attempts.hpp"
#include "checks/stages/traffic/traffic.hpp"
#include "config/dns_name.hpp"
#include "config/host_pattern.hpp"
#include "config/privatelink_name.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::NameRole;

bool is_resolver_outcome(Outcome outcome) {
    return is_network_level(outcome) || is_failure_reply(outcome);
}

bool ever_replied(const DnsFacts& resolver, const Assessment& round) {
    return round.any([&](const JudgedProbe& probe) {
        const auto* dns = probe.dns();
        return dns != nullptr && is_same_resolver(*dns, resolver) && resolver_replied(*dns);
    });
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
    for (const auto& [probe, dns] : counted_names(round.probes)) {
        const std::string resolver = resolver_text(dns);
        add_once(all, resolver);
        if (shows(probe, dns, row, round)) {
            add_once(showing, resolver);
        }
        if (!passes(probe.outcome)) {
            add_once(is_resolver_outcome(probe.outcome) ? failing : wrong, resolver);
        }
    }
    return join(!showing.empty() ? showing : !failing.empty() ? failing : !wrong.empty() ? wrong : all);
}

/// The control's answers count only where nothing else is wrong: they are about no name of the target.
std::string wrong_answers(const config::Target& target, std::span<const JudgedProbe> probes,
                          bool want_wrong) {
    const Expectation expectation = expectation_of(target);
    std::vector<IpAddress> addresses;
    for (const auto& [probe, dns] : counted_names(probes)) {
        if (dns.role == NameRole::control || passes(probe.outcome) == want_wrong) {
            continue;
        }
        for (const probes::DnsAnswer& answer : answers_of(dns)) {
            const bool wrong = judge_answer(answer, dns.source, expectation) != Outcome::ok ||
                               dns.role == NameRole::public_host;
            if (wrong == want_wrong) {
                add_once(addresses, answer.address);
            }
        }
    }
    return addresses_text(addresses);
}

std::string answers_text(const config::Target& target, std::span<const JudgedProbe> probes) {
    std::string wrong = wrong_answers(target, probes, true);
    return wrong.empty() ? wrong_answers(target, probes, false) : wrong;
}

/// Those that fail and show by themselves what the row takes from the addresses; where none does, or the row
/// needs several that differ, all that fail.
std::vector<AddressState> blamed(std::vector<AddressState> states, FactSet when) {
    std::erase_if(states, [](const AddressState& state) { return !state.fails(); });
    std::vector<AddressState> shown;
    std::ranges::copy_if(states, std::back_inserter(shown),
                         [wanted = shown_of(when, states)](const AddressState& state) {
                             return summarise_address(state).contains_all(wanted);
                         });
    return shown.empty() ? states : shown;
}

std::string states_text(const std::vector<AddressState>& states) {
    std::vector<IpAddress> addresses;
    std::ranges::transform(states, std::back_inserter(addresses), &AddressState::address);
    return addresses_text(addresses);
}

/// Of the last stage that fails, for later stages say more; of DNS only when no address fails.
std::string first_detail(std::span<const AddressState> blamed, std::span<const AddressState> states,
                         const Assessment& round, const Details& details) {
    std::vector<const JudgedProbe*> probes;
    for (const AddressState& state : blamed) {
        probes.push_back(state.last);
    }
    for (const AddressState& state : states) {
        if (state.right && state.last->outcome != Outcome::ok) {
            probes.push_back(state.last);
        }
    }
    for (const JudgedProbe& probe : round.probes) {
        if (probe.counts && probe.outcome != Outcome::ok) {
            probes.push_back(&probe);
        }
    }
    const auto has_detail = [&](const JudgedProbe* probe) { return !details.of(round, *probe).empty(); };
    const auto first = std::ranges::find_if(probes, has_detail);
    return first == probes.end() ? std::string() : details.of(round, **first);
}

/// "https://db.example.com:8443/"
std::string url_of(const config::Endpoint& endpoint) {
    const bool tls = endpoint.tls.mode != config::TlsMode::off;
    const std::string place = endpoint.address
                                  ? endpoint_text(*endpoint.address, endpoint.port)
                                  : canonical_name(endpoint.host) + ":" + std::to_string(endpoint.port);
    return (tls ? "https://" : "http://") + place + "/";
}

void name_proxy(const config::Endpoint& endpoint, const Assessment& round, Wording& wording) {
    if (const auto use = proxy_for(endpoint, round)) {
        wording.proxy = proxy_text(*use);
        wording.proxy_url = use->proxy;
        wording.url = url_of(endpoint);
    } else if (const auto script = proxy_script_for(endpoint, round)) {
        wording.proxy = proxy_text(*script);
    }
}

std::string parent_of(const std::string& host) {
    const std::size_t dot = host.find('.');
    return dot == std::string::npos ? std::string() : host.substr(dot + 1);
}

/// A public name that leads to a private one by CNAME: the zone in question is that of the private name, whose labels
/// the profile knows.
void name_by_chain(const config::Endpoint& endpoint, const Assessment& round, Wording& wording) {
    const config::Profile* profile = config::profile_of(endpoint);
    if (profile != nullptr && config::match_host(*profile, wording.host)) {
        return;
    }
    for (const CountedName& name : counted_names(round.probes)) {
        for (const probes::DnsQuery& query : name.facts.queries) {
            for (const std::string& cname : query.cnames) {
                const std::string alias = canonical_name(cname);
                const auto match = profile == nullptr ? std::nullopt : config::match_host(*profile, alias);
                if (!match && !config::is_privatelink_name(alias)) {
                    continue;
                }
                const bool has_zone = match && !match->zone.empty();
                wording.zone = has_zone ? match->zone : parent_of(alias);
                if (wording.public_host.empty() && match) {
                    wording.public_host = match->public_host;
                }
                return;
            }
        }
    }
}

/// "10.0.0.4" and "10.0.0.5", each once.
std::string peers_text(const std::vector<probes::PeerTraffic>& peers) {
    std::vector<IpAddress> addresses;
    for (const probes::PeerTraffic& peer : peers) {
        add_once(addresses, peer.peer);
    }
    return addresses_text(addresses);
}

/// What stands beside the answers of DNS.
void name_evidence(const Assessment& round, Wording& wording) {
    for (const auto& [probe, dns] : counted_names(round.probes)) {
        const probes::NegativeAuthority* authority = negative_authority(dns);
        if (wording.dns_zone.empty() && authority != nullptr) {
            wording.dns_zone = authority->zone;
        }
        for (const probes::DnsQuery& query : dns.queries) {
            if (wording.dns_error.empty()) {
                wording.dns_error = extended_errors_text(query);
            }
        }
    }
    for (const JudgedFollowUp& test : round.follow_ups) {
        if (test.kind == probes::FollowUp::srv_name && test.probe.dns() != nullptr &&
            wording.targets.empty()) {
            wording.targets = srv_targets_text(targets_of(*test.probe.dns()));
        }
    }
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
        if (probe.fails()) {
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

/// Where the answer to a SYN came from, of the first at which it came from elsewhere.
std::string answering_text(std::span<const AddressState> states) {
    for (const AddressState& state : states) {
        if (state.packets != nullptr && state.packets->answered_by) {
            return endpoint_text(*state.packets->answered_by, state.packets->answered_by_port);
        }
    }
    return {};
}

Wording wording_of_watch(const config::Watch& watch, const Row& row, const Assessment& round,
                         const Details& details) {
    const probes::TrafficFacts* traffic = traffic_facts(round.probes);
    const Failing failing = traffic == nullptr ? Failing() : failing_of(*traffic);
    const bool inbound = watch.direction == config::Direction::inbound;
    Wording wording;
    wording.name = watch.name;
    wording.port = port_text(watch, failing.peers);
    wording.host = inbound ? "port " + wording.port + " of this host" : "the peers of " + watch.name;
    wording.address = inbound                  ? "this host"
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
    if (const config::Endpoint* endpoint = target.endpoint()) {
        wording.name = endpoint->name;
        wording.host = endpoint->address ? endpoint->address->to_string() : canonical_name(endpoint->host);
        wording.zone = endpoint->address ? std::string() : parent_of(wording.host);
        wording.port = std::to_string(endpoint->port);
        wording.endpoint_id = endpoint->endpoint_id;
        wording.service = endpoint->service;
        wording.public_host = endpoint->public_host;
        ServerNames names = server_names(*endpoint, round);
        wording.asked_name = std::move(names.asked);
        wording.server_name = std::move(names.right);
        name_by_chain(*endpoint, round, wording);
        name_proxy(*endpoint, round, wording);
    } else if (const config::Zone* zone = target.zone()) {
        wording.name = zone->name;
        wording.zone = canonical_name(zone->zone);
        wording.host = "*." + wording.zone;
    }
    std::vector<AddressState> states = address_states(target, round);
    const std::vector<AddressState> failing = blamed(states, row.when);
    const config::Endpoint* endpoint = target.endpoint();
    wording.detail = row.when.contains(Fact::idle_dropped) ? dropped_hold_detail(round.holds, details.holds)
                     : endpoint != nullptr && row.when.contains(Fact::next_hop_fails)
                         ? next_hop_detail(*endpoint, round)
                         : first_detail(failing, states, round, details);
    wording.answered_by = answering_text(failing);
    wording.acceptor = acceptor_text(states, round);
    wording.sent_to = sent_to_text(states, round);
    wording.route = route_text(failing);
    wording.way_back = way_back_text(failing);
    wording.tracking = tracking_text(failing);
    wording.machines = machines_text(failing);
    std::erase_if(states, [](const AddressState& state) { return !state.works(); });
    wording.address = states_text(failing.empty() ? states : failing);
    wording.working = states_text(states);
    wording.resolver = resolvers_text(row, round);
    wording.answers = answers_text(target, round.probes);
    name_evidence(round, wording);
    return wording;
}

}  // namespace whylink::checks
