#include "checks/stages/subject.hpp"

#include <algorithm>

#include "checks/stages/packets.hpp"

namespace whylink::checks {
namespace {

/// Where DNS or the hosts file gave the address for the host; the hosts file wins, for it is what
/// applications get.
probes::NameSource source_of(const IpAddress& address, std::span<const JudgedProbe> probes) {
    for (const JudgedProbe& probe : probes) {
        const probes::DnsFacts* facts = dns_facts(probe);
        if (facts != nullptr && facts->source == probes::NameSource::hosts_file &&
            std::ranges::find(facts->hosts_file, address) != facts->hosts_file.end()) {
            return probes::NameSource::hosts_file;
        }
    }
    return probes::NameSource::resolver;
}

bool is_right(const IpAddress& address, const config::Endpoint& endpoint,
              std::span<const JudgedProbe> probes) {
    return endpoint.address.has_value() ||
           judge_address(address, source_of(address, probes), expectation_of(endpoint)) == Outcome::ok;
}

/// Whether the service speaks plain text, by a plain connection beside a handshake that failed. That it stays
/// up says nothing: a server of TLS waits for a ClientHello in silence.
bool speaks_plain_text(const JudgedProbe& plain, const probes::TlsFacts& tls) {
    using probes::AppReply;
    const auto* app = std::get_if<probes::AppFacts>(&plain.observation.facts);
    if (app == nullptr) {
        return std::get<probes::TcpFacts>(plain.observation.facts).bytes_received > 0;
    }
    // Servers of TLS complain in plain text, too, but then they have answered the ClientHello as well.
    const bool complains = app->reply == AppReply::other_protocol && tls.bytes_received > 0;
    return app->reply != AppReply::none && app->reply != AppReply::wants_tls && !complains;
}

bool is_plain_attempt(const JudgedProbe& probe) {
    const auto* app = std::get_if<probes::AppFacts>(&probe.observation.facts);
    const auto* tcp = std::get_if<probes::TcpFacts>(&probe.observation.facts);
    return probe.counts && !probe.observation.local &&
           ((app != nullptr && !app->over_tls) ||
            (tcp != nullptr && tcp->connected && !tcp->has_tls && !tcp->has_app));
}

bool is_failed_tls(const JudgedProbe& probe) {
    return std::holds_alternative<probes::TlsFacts>(probe.observation.facts) && probe.counts &&
           !passes(probe.outcome) && probe.outcome != Outcome::local_error;
}

}  // namespace

const probes::DnsFacts* dns_facts(const JudgedProbe& probe) {
    return std::get_if<probes::DnsFacts>(&probe.observation.facts);
}

std::vector<IpAddress> addresses_of_host(const config::Target& target, std::span<const JudgedProbe> probes) {
    const config::Endpoint* endpoint = target.endpoint();
    std::vector<IpAddress> addresses;
    if (endpoint == nullptr || (!endpoint->address && endpoint->public_host.empty())) {
        return addresses;
    }
    if (endpoint->address) {
        return {*endpoint->address};
    }
    for (const JudgedProbe& probe : probes) {
        const probes::DnsFacts* dns = dns_facts(probe);
        if (dns == nullptr || dns->role != probes::NameRole::host) {
            continue;
        }
        for (const probes::DnsQuery& query : dns->queries) {
            for (const probes::DnsAnswer& answer : query.answers) {
                addresses.push_back(answer.address);
            }
        }
    }
    return addresses;
}

Expectation expectation_of(const config::Target& target, std::span<const IpAddress> of_host, TimePoint now) {
    Expectation expectation = expectation_of(target);
    expectation.host_addresses = of_host;
    expectation.now = now;
    return expectation;
}

Expectation expectation_of(const config::Endpoint& endpoint) {
    Expectation expectation;
    expectation.expect = endpoint.expect;
    expectation.private_space = endpoint.private_space;
    expectation.tls = endpoint.tls.mode;
    expectation.expiry_warning = endpoint.tls.expiry_warning;
    return expectation;
}

Expectation expectation_of(const config::Zone& zone) {
    Expectation expectation;
    expectation.expect = zone.expect;
    expectation.private_space = zone.private_space;
    return expectation;
}

Expectation expectation_of(const config::Watch& watch) {
    Expectation expectation;
    expectation.expect_traffic = watch.expect_traffic;
    return expectation;
}

Expectation expectation_of(const config::Target& target) {
    return std::visit([](const auto& what) { return expectation_of(what); }, target.what());
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

void weigh_tried_tls(const config::Target& target, std::vector<JudgedProbe>& probes) {
    if (target.endpoint() == nullptr || target.endpoint()->tls.mode != config::TlsMode::attempt) {
        return;
    }
    for (auto plain = probes.begin(); plain != probes.end(); ++plain) {
        if (!is_plain_attempt(*plain)) {
            continue;
        }
        const auto tls = std::find_if(probes.begin(), plain, [&](const JudgedProbe& probe) {
            return probe.observation.address == plain->observation.address && is_failed_tls(probe);
        });
        if (tls == plain) {
            continue;
        }
        if (speaks_plain_text(*plain, std::get<probes::TlsFacts>(tls->observation.facts))) {
            tls->counts = false;
        } else {
            plain->counts = false;
        }
    }
}

std::vector<AddressState> address_states(const config::Target& target, const Assessment& round) {
    return target.endpoint() == nullptr ? std::vector<AddressState>()
                                        : address_states(*target.endpoint(), round);
}

std::vector<AddressState> address_states(const config::Endpoint& endpoint, const Assessment& round) {
    std::vector<AddressState> states;
    for (const JudgedProbe& probe : round.probes) {
        if (!probe.counts || !probe.observation.address || dns_facts(probe) != nullptr) {
            continue;
        }
        const IpAddress& address = *probe.observation.address;
        auto state =
            std::ranges::find_if(states, [&](const AddressState& s) { return s.address == address; });
        const bool is_tls = std::holds_alternative<probes::TlsFacts>(probe.observation.facts);
        if (state == states.end()) {
            states.push_back({address, is_right(address, endpoint, round.probes), &probe,
                              is_tls ? &probe : nullptr, packets_of(address, round.packets)});
            continue;
        }
        if (probe.observation.stage >= state->last->observation.stage) {
            state->last = &probe;
        }
        state->tls = is_tls ? &probe : state->tls;
    }
    return states;
}

}  // namespace whylink::checks
