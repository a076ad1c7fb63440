#include "checks/stages/addresses.hpp"

#include <algorithm>
#include <utility>

#include "checks/explain/text.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/host.hpp"
#include "checks/stages/packets/sharpen.hpp"
#include "checks/stages/stage.hpp"
#include "checks/stages/tls/linked_names.hpp"
#include "checks/stages/tls/refused_elsewhere.hpp"

namespace whylink::checks {
namespace {

using probes::StreamEnd;

/// Where DNS or the hosts file gave the address for the host; the hosts file wins, for it is what
/// applications get.
probes::NameSource source_of(const IpAddress& address, std::span<const JudgedProbe> probes) {
    for (const JudgedProbe& probe : probes) {
        const auto* facts = probe.dns();
        if (facts != nullptr && facts->source == probes::NameSource::hosts_file &&
            std::ranges::find(facts->hosts_file, address) != facts->hosts_file.end()) {
            return probes::NameSource::hosts_file;
        }
    }
    return probes::NameSource::resolver;
}

/// What an outcome means at whatever stage.
FactSet facts_of(Outcome outcome, StreamEnd end) {
    using enum Outcome;
    constexpr std::pair<Outcome, Fact> meanings[]{
        {refused, Fact::tcp_refused},
        {unreachable, Fact::tcp_unreachable},
        {reset_by_peer, Fact::reset_after_bytes},
        {closed_by_peer, Fact::closed_after_bytes},
        {not_tls, Fact::not_tls},
        {tls_mismatch, Fact::tls_mismatch},
        {tls_alert, Fact::tls_alert},
        {certificate_name_mismatch, Fact::certificate_of_other_name},
        {certificate_untrusted, Fact::certificate_faulty},
        {certificate_expired, Fact::certificate_faulty},
        {certificate_not_yet_valid, Fact::certificate_faulty},
    };
    FactSet facts;
    for (const auto& [seen, fact] : meanings) {
        facts.insert_if(outcome == seen, fact);
    }
    if (outcome == pending_allowlist) {
        facts.insert(end == StreamEnd::fin ? Fact::accepted_then_closed : Fact::accepted_then_reset);
    }
    return facts;
}

/// Where TLS was to be tried, a well-known port was spoken to in its own protocol instead, and works so.
bool speaks_own_protocol(const config::Target& target, const Assessment& round) {
    const config::Endpoint* endpoint = target.endpoint();
    return endpoint != nullptr && endpoint->tls.mode == config::TlsMode::attempt &&
           std::ranges::any_of(round.probes, [](const JudgedProbe& probe) {
               const auto* app = probe.app();
               return app != nullptr && !app->over_tls && probe.counts && passes(probe.outcome);
           });
}

}  // namespace

bool is_right_address(const config::Endpoint& endpoint, const IpAddress& address, probes::NameSource source) {
    return endpoint.address.has_value() ||
           judge_address(address, source, expectation_of(endpoint)) == Outcome::ok;
}

std::vector<AddressState> address_states(const config::Endpoint& endpoint, const Assessment& round) {
    std::vector<AddressState> states;
    for (const JudgedProbe& probe : round.probes) {
        if (!probe.counts || !probe.observation.address || probe.dns() != nullptr) {
            continue;
        }
        const IpAddress& address = *probe.observation.address;
        const auto state = std::ranges::find(states, address, &AddressState::address);
        const bool is_tls = probe.tls() != nullptr;
        const bool is_tcp = probe.tcp() != nullptr;
        if (state == states.end()) {
            const bool right = is_right_address(endpoint, address, source_of(address, round.probes));
            states.push_back({address, right, &probe, is_tls ? &probe : nullptr,
                              packets_of(address, round.packets), is_tcp ? &probe : nullptr});
            continue;
        }
        if (probe.observation.stage >= state->last->observation.stage) {
            state->last = &probe;
        }
        state->tls = is_tls ? &probe : state->tls;
        state->tcp = is_tcp ? &probe : state->tcp;
    }
    for (AddressState& state : states) {
        if (state.last->outcome == Outcome::certificate_name_mismatch && state.tls != nullptr) {
            state.links = links_of(endpoint, round.probes, *state.tls->tls());
        }
    }
    return states;
}

std::vector<AddressState> address_states(const config::Target& target, const Assessment& round) {
    return target.endpoint() == nullptr ? std::vector<AddressState>()
                                        : address_states(*target.endpoint(), round);
}

FactSet summarise_address(const AddressState& state) {
    FactSet facts;
    const JudgedProbe& last = *state.last;
    // The handshake keeps its warning when the application behind it has nothing to complain of.
    const bool expiring = state.tls != nullptr && state.tls->outcome == Outcome::certificate_expiring;
    facts.insert_if(expiring, Fact::certificate_expiring);
    if (last.outcome == Outcome::local_error) {
        facts.insert(Fact::local_error);
        return facts;
    }
    facts.insert_all(facts_of(last, state.tls == nullptr ? nullptr : state.tls->tls()));
    if (passes(last.outcome)) {
        facts.insert(Fact::address_works);
        if (state.tls != nullptr) {
            facts.insert_all(refused_elsewhere(*state.tls->tls()));
        }
        return weigh_host(facts, state);
    }
    facts.insert(Fact::address_fails);
    facts.insert_all(facts_of(last.outcome, stream_end(last.observation)));
    facts.insert_all(state.links);
    return weigh_host(sharpen(facts, last, state.packets), state);
}

FactSet shown_of(FactSet when, std::span<const AddressState> states) {
    FactSet shown;
    for (const AddressState& state : states) {
        shown.insert_all(summarise_address(state));
    }
    return shown.intersection(when);
}

FactSet summarise_addresses(const config::Target& target, const Assessment& round) {
    FactSet facts;
    for (const AddressState& state : address_states(target, round)) {
        if (state.right) {
            facts.insert_all(summarise_address(state));
        }
    }
    // A handshake that does not count was only tried, and plain text works in its place.
    const auto was_tried = [](const JudgedProbe& probe) { return !probe.counts && probe.tls() != nullptr; };
    facts.insert_if(std::ranges::any_of(round.probes, was_tried) || speaks_own_protocol(target, round),
                    Fact::plain_text_service);
    return facts;
}

std::string address_line(const JudgedProbe& probe, std::string said, const std::string& detail) {
    const std::string where = probe.observation.address
                                  ? endpoint_text(*probe.observation.address, probe.observation.port)
                                  : std::string("address");
    append(said, detail);
    return where + ": " + (said.empty() ? std::string(slug(probe.outcome)) : said);
}

}  // namespace whylink::checks
