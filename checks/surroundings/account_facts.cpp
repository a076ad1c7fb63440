#include "checks/surroundings/account_facts.hpp"

#include <algorithm>

#include "checks/control/absence.hpp"

namespace whylink::checks {
namespace {

using control::ConnectionState;
using control::Findings;
using control::ServiceState;

bool sent_something(const JudgedProbe& probe) {
    const auto* tcp = probe.tcp();
    const auto* tls = probe.tls();
    const auto* app = probe.app();
    return (tcp != nullptr && tcp->bytes_received > 0) || (tls != nullptr && tls->bytes_received > 0) ||
           (app != nullptr && app->bytes_received > 0);
}

/// No byte of the endpoint, and nothing that this host itself did to the connection.
bool nothing_came_back(const Assessment& round) {
    constexpr FactSet ends{Fact::tcp_timeout,          Fact::tcp_refused, Fact::accepted_then_reset,
                           Fact::accepted_then_closed, Fact::tls_silent,  Fact::app_silent};
    constexpr FactSet packets{Fact::own_syn_returns, Fact::syn_routed_back, Fact::answered_from_elsewhere,
                              Fact::syn_ack_damaged, Fact::syn_ack_foreign};
    return round.facts.contains(Fact::address_fails) && round.facts.intersects(ends) &&
           !round.facts.intersects(packets) && !round.any(sent_something);
}

void add_vendor(const Findings& found, FactSet& facts) {
    const ServiceState state = found.vendor->state;
    facts.insert_if(state == ServiceState::stopped || state == ServiceState::stopping ||
                        state == ServiceState::failed || state == ServiceState::terminated,
                    Fact::vendor_stopped);
    facts.insert_if(state == ServiceState::idle, Fact::vendor_idle);
    // The public name has another list.
    if (found.on_allow_list && found.asks_private_host != false) {
        facts.insert(*found.on_allow_list ? Fact::id_listed : Fact::id_not_listed);
    }
}

bool has_accepted(const Findings& found) {
    return std::ranges::any_of(found.facts->connections, [&](const control::Connection& connection) {
        return connection.service == found.connection->service &&
               connection.state == ConnectionState::available;
    });
}

/// Another port of the endpoint answers: whatever its state is said to be, it does not stop packets.
bool carries(const Assessment& round) {
    return !round.passed() && round.facts.contains(Fact::other_port_answers);
}

/// Where a link does not carry anything, a rule that would deny is the next fault, and no other explanation.
bool denies(const Findings& found, FactSet facts, const Assessment& round) {
    return found.blocked && (round.passed() || !facts.intersects({Fact::link_waits, Fact::link_ended}));
}

/// What the config expects it vouches for.
bool is_record_wrong(const Findings& found, const control::Subject& subject, const Assessment& round) {
    return found.addresses_right == false && !round.facts.contains(Fact::name_public) &&
           !std::ranges::all_of(subject.addresses,
                                [&](const IpAddress& address) { return contains(subject.expect, address); });
}

}  // namespace

FactSet link_facts(ConnectionState state) {
    switch (state) {
        case ConnectionState::waiting:
        case ConnectionState::setting_up:
        case ConnectionState::needs_attention:
            return {Fact::link_waits};
        case ConnectionState::available:
        case ConnectionState::partial:
            return {Fact::link_available};
        case ConnectionState::rejected:
        case ConnectionState::disconnected:
        case ConnectionState::failed:
        case ConnectionState::expired:
        case ConnectionState::deleting:
        case ConnectionState::deleted:
            return {Fact::link_ended};
        case ConnectionState::unknown:
            break;
    }
    return {};
}

bool waits_for_us(const Findings& found) {
    return found.connection != nullptr && found.connection->state == ConnectionState::waiting;
}

bool has_ended_peer(const Findings& found, const Assessment& round) {
    return found.connection != nullptr && link_facts(found.connection->state).contains(Fact::link_ended) &&
           round.facts.contains(Fact::traffic_missing);
}

FactSet account_facts(const Findings& found, const control::Subject& subject, const Assessment& round) {
    const bool state_counts = found.endpoint != nullptr && !carries(round);
    FactSet facts = state_counts ? link_facts(found.endpoint->state) : FactSet{};
    facts.insert_if(nothing_came_back(round), Fact::nothing_came_back);
    if (found.vendor != nullptr) {
        add_vendor(found, facts);
    }
    facts.insert_if(has_ended_peer(found, round), Fact::link_ended);
    facts.insert_if(denies(found, facts, round), Fact::rule_denies);
    facts.insert_if(found.rules_allow(), Fact::rules_allow);
    facts.insert_if(found.addresses_right == true, Fact::record_is_right);
    facts.insert_if(is_record_wrong(found, subject, round), Fact::record_is_wrong);
    facts.insert_if(
        found.zone_linked == false && round.facts.intersects({Fact::name_missing, Fact::name_public}),
        Fact::zone_incomplete);
    facts.insert_if(found.has_healthy_target == false, Fact::targets_unhealthy);
    facts.insert_if(found.provider_sends_proxy_header == true, Fact::balancer_sends_header);
    // Beside a connection that is accepted, one that waits is not why nothing comes.
    facts.insert_if(round.facts.contains(Fact::watch) && waits_for_us(found) &&
                        (round.passed() || (!has_accepted(found) &&
                                            control::has_all_connections(*found.facts, *found.connection))),
                    Fact::peer_waits);
    return facts;
}

}  // namespace whylink::checks
