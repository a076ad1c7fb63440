#include "checks/surroundings/siblings.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "checks/stages/dns/dns.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using Id = Siblings::Id;
using Moment = Siblings::Moment;

// ---- what one round says of this host's network ----

enum class Sign : std::uint8_t {
    silent,     ///< whatever was tried, nothing came back
    none,       ///< or nothing was tried, or a fault of this host hid what would have come
    otherwise,  ///< something else was seen
};

bool is_of_hosts_file(const JudgedProbe& probe) {
    const auto* dns = probe.dns();
    return dns != nullptr && dns->source == probes::NameSource::hosts_file;
}

/// Nothing came back from anywhere: an RST, an accepted connection and an ICMP error of a host that says that
/// its port is closed all show that the network carries packets.
bool is_silent(const JudgedProbe& probe) {
    const auto* tcp = probe.tcp();
    const auto* dns = probe.dns();
    const bool unanswered =
        (dns != nullptr && !resolver_replied(*dns)) || (tcp != nullptr && !tcp->connected);
    return unanswered && (probe.outcome == Outcome::timeout || probe.outcome == Outcome::unreachable);
}

/// One probe that could not be made is enough to leave open what the round would have seen, but takes nothing
/// from what the others did see.
Sign sign_of(const Assessment& round) {
    const auto is_hindered = [](const auto& made) { return made.outcome == Outcome::local_error; };
    const bool held = !std::ranges::all_of(round.holds, is_hindered);
    const bool told = round.any([&](const JudgedProbe& probe) {
        return !is_of_hosts_file(probe) && !is_hindered(probe) && !is_silent(probe);
    });
    if (held || told) {
        return Sign::otherwise;
    }
    const bool hindered = !round.holds.empty() || round.any([&](const JudgedProbe& probe) {
        return !is_of_hosts_file(probe) && is_hindered(probe);
    });
    const bool silent = round.any([&](const JudgedProbe& probe) {
        return !is_of_hosts_file(probe) && !is_hindered(probe) && is_silent(probe);
    });
    return silent && !hindered ? Sign::silent : Sign::none;
}

/// Loopback does not need the network; Azure's resolver does.
bool is_elsewhere(const IpAddress& address) {
    return address_space(address) != AddressSpace::special || is_metadata_service(address);
}

bool something_came_back(const JudgedProbe& probe) {
    if (probe.outcome == Outcome::local_error) {
        return false;
    }
    if (const auto* dns = probe.dns()) {
        return dns->source == probes::NameSource::resolver && is_elsewhere(dns->resolver) &&
               resolver_replied(*dns);
    }
    const auto* tcp = probe.tcp();
    return tcp != nullptr && tcp->connected && probe.observation.address &&
           is_elsewhere(*probe.observation.address);
}

/// A SYN-ACK that this host dropped reached it all the same.
bool packets_came_back(const probes::CapturedConnection& connection) {
    return connection.facts.syn_ack > 0 && is_elsewhere(connection.address);
}

bool asks_a_resolver(const JudgedProbe& probe) {
    return probe.dns() != nullptr && !is_of_hosts_file(probe);
}

/// What could not be made says nothing.
bool is_failure(const JudgedProbe& probe) {
    return probe.fails() && probe.outcome != Outcome::local_error;
}

bool tries_an_address(const JudgedProbe& probe) {
    return probe.observation.address.has_value();
}

bool may_have_a_route(const JudgedProbe& probe) {
    const auto* tcp = probe.tcp();
    return tcp == nullptr || !tcp->no_route;
}

/// Few bytes, for a target that fails looks at those of every other.
struct TargetSummary {
    Moment at{};
    Moment failing_since{};  ///< the first of the rounds in a row that fail; `at` when it passes
    Id id = 0;
    Sign sign = Sign::none;
    bool fails = false;
    bool reached = false;             ///< something came back over the network
    bool doubts_the_network = false;  ///< and another that is reached would settle it
    bool asks_a_resolver = false;
    bool tries_an_address = false;
    bool may_have_a_route = false;
};

TargetSummary summary_of(Id id, const Assessment& round, Moment at) {
    const FactSet doubts{Fact::resolvers_without_route, Fact::resolver_timed_out};
    const bool came_back = std::ranges::any_of(round.packets, packets_came_back);
    const Sign sign = sign_of(round);
    return {.at = at,
            .failing_since = at,
            .id = id,
            .sign = came_back && sign == Sign::silent ? Sign::otherwise : sign,
            .fails = round.any(is_failure),
            .reached = round.any(something_came_back) || came_back,
            .doubts_the_network = round.facts.intersects(doubts),
            .asks_a_resolver = round.any(asks_a_resolver),
            .tries_an_address = !round.holds.empty() || round.any(tries_an_address),
            .may_have_a_route = !round.holds.empty() || round.any(may_have_a_route)};
}

/// How long a connection or a reply shows that the network works, however seldom the targets are checked.
constexpr Moment max_memory = std::chrono::minutes(10);

/// From when on a success of another says something about a target that fails: what worked before it began to
/// fail may have broken with it.
Moment proof_begins(const TargetSummary& summary) {
    return std::max(summary.failing_since, summary.at - max_memory);
}

/// What all of them say together.
struct Survey {
    std::size_t silent = 0;
    std::size_t otherwise = 0;
    std::size_t reached = 0;
    std::size_t too_old = 0;  ///< to say anything
    // Of those that are silent:
    bool resolver_asked = false;
    bool address_tried = false;
    bool route_anywhere = false;

    void add(const TargetSummary& summary, Moment proof) {
        reached += summary.reached && summary.at >= proof ? 1U : 0U;
        otherwise += summary.sign == Sign::otherwise ? 1U : 0U;
        if (summary.sign == Sign::silent) {
            ++silent;
            resolver_asked |= summary.asks_a_resolver;
            address_tried |= summary.tries_an_address;
            route_anywhere |= summary.may_have_a_route;
        }
    }
    /// Targets by address alone ask no resolver, and what drops the SYNs of all of them may be anywhere; only
    /// a missing route is this host's. A few that are checked often do not speak for many that are checked
    /// seldom.
    bool network_is_down() const {
        return silent >= 2 && silent > too_old && otherwise == 0 && (resolver_asked || !route_anywhere);
    }
};

// ---- one service among those of an address ----

struct Door {
    IpAddress address;
    std::uint16_t port = 0;
    auto operator<=>(const Door&) const = default;
};

/// FNV-1a.
struct DoorHash {
    std::size_t operator()(const Door& door) const {
        std::uint64_t hash = 14695981039346656037U ^ door.port;
        for (const std::uint8_t byte : door.address.bytes()) {
            hash = (hash ^ byte) * 1099511628211U;
        }
        return hash;
    }
};

/// An endpoint before the doors that it tried.
struct Client {
    std::string server_name;
    config::ProxyProtocol proxy_protocol = config::ProxyProtocol::none;
    std::set<Door> served;       ///< where the server has sent something
    std::set<Door> turned_away;  ///< where it ended the connection before that
};

Client client_of(const config::Endpoint& endpoint, const Assessment& round) {
    Client client;
    client.server_name = endpoint.tls.server_name.empty() ? endpoint.host : endpoint.tls.server_name;
    client.proxy_protocol = endpoint.proxy_protocol;
    for (const JudgedProbe& probe : round.probes) {
        // Of a follow-up test, which asks in another way, what is served says nothing of those who ask as usual.
        if (!probe.observation.address || probe.outcome == Outcome::local_error) {
            continue;
        }
        const Door door{*probe.observation.address, probe.observation.port};
        const auto* tls = probe.tls();
        if (tls != nullptr && tls->bytes_received > 0) {
            client.served.insert(door);
        }
        if (probe.counts && probe.outcome == Outcome::pending_allowlist) {
            client.turned_away.insert(door);
        }
    }
    return client;
}

/// Another name, asked in the same way about the PROXY header.
bool may_tell(const Client& client, const Client& other) {
    return client.server_name != other.server_name && client.proxy_protocol == other.proxy_protocol;
}

}  // namespace

// ---- all of them ----

class Siblings::Impl {
  public:
    void put(Id id, const config::Target& target, const Assessment& round, Moment at) {
        const auto [place, is_new] = places_.try_emplace(id, summaries_.size());
        if (is_new) {
            summaries_.emplace_back();
            clients_.emplace_back();
        }
        TargetSummary& summary = summaries_[place->second];
        const TargetSummary before = summary;
        summary = summary_of(id, round, at);
        if (!is_new && before.fails && summary.fails) {
            summary.failing_since = before.failing_since;
        }
        Client& client = clients_[place->second];
        Client now = target.endpoint() != nullptr ? client_of(*target.endpoint(), round) : Client();
        if (now.served != client.served) {
            leave(id, client);
            enter(id, now);
        }
        client = std::move(now);
    }

    /// The last takes the place of what goes.
    void remove(Id id) {
        const auto found = places_.find(id);
        if (found == places_.end()) {
            return;
        }
        const std::size_t place = found->second;
        leave(id, clients_[place]);
        places_.erase(found);
        if (place + 1 != summaries_.size()) {
            summaries_[place] = summaries_.back();
            clients_[place] = std::move(clients_.back());
            places_[summaries_[place].id] = place;
        }
        summaries_.pop_back();
        clients_.pop_back();
    }

    void expect(std::size_t targets) { expected_ = targets; }

    /// `proof`: from when on a success counts.
    Survey survey(Moment proof, Moment since) const {
        Survey survey;
        for (const TargetSummary& summary : summaries_) {
            if (summary.at >= since) {
                survey.add(summary, proof);
            } else {
                ++survey.too_old;
            }
        }
        return survey;
    }

    /// Null for an id that is not there, or of which only old things are known.
    const TargetSummary* find(Id id, Moment since) const {
        const auto found = places_.find(id);
        const TargetSummary* summary = found == places_.end() ? nullptr : &summaries_[found->second];
        return summary != nullptr && summary->at >= since ? summary : nullptr;
    }

    FactSet facts_for(const TargetSummary& summary, const Survey& all, Moment since) const {
        FactSet facts;
        if (summary.sign == Sign::silent && summaries_.size() >= expected_ && all.network_is_down()) {
            facts.insert(Fact::siblings_down);
            facts.insert_if(!all.address_tried, Fact::only_names_tried);
        }
        // A network that works for one target is not down for another.
        const bool another_reached = all.reached > (summary.reached ? 1U : 0U);
        facts.insert_if(summary.doubts_the_network && another_reached, Fact::sibling_reached);
        facts.insert_if(is_served_beside(summary.id, std::max(since, proof_begins(summary))),
                        Fact::sibling_served);
        return facts;
    }

  private:
    void enter(Id id, const Client& client) {
        for (const Door& door : client.served) {
            served_[door].insert(id);
        }
    }

    void leave(Id id, const Client& client) {
        for (const Door& door : client.served) {
            const auto found = served_.find(door);
            found->second.erase(id);
            if (found->second.empty()) {
                served_.erase(found);
            }
        }
    }

    bool is_served_beside(Id id, Moment since) const {
        const Client& client = clients_[places_.at(id)];
        return std::ranges::any_of(client.turned_away, [&](const Door& door) {
            const auto others = served_.find(door);
            return others != served_.end() && std::ranges::any_of(others->second, [&](Id other) {
                       return find(other, since) != nullptr && may_tell(client, clients_[places_.at(other)]);
                   });
        });
    }

    std::size_t expected_ = 0;
    std::unordered_map<Id, std::size_t> places_;
    std::vector<TargetSummary> summaries_;  ///< in no order, without gaps, for survey()
    std::vector<Client> clients_;           ///< at the same places
    /// Who is served at a door: sets, for thousands of names may share one.
    std::unordered_map<Door, std::unordered_set<Id>, DoorHash> served_;
};

Siblings::Siblings() : impl_(std::make_unique<Impl>()) {}
Siblings::~Siblings() = default;

void Siblings::put(Id id, const config::Target& target, const Assessment& round, Moment at) {
    impl_->put(id, target, round, at);
}

void Siblings::remove(Id id) {
    impl_->remove(id);
}

void Siblings::expect(std::size_t targets) {
    impl_->expect(targets);
}

FactSet Siblings::facts_for(Id id, Moment since) const {
    const TargetSummary* summary = impl_->find(id, since);
    if (summary == nullptr) {
        return {};
    }
    const bool others_matter = summary->sign == Sign::silent || summary->doubts_the_network;
    return impl_->facts_for(*summary, others_matter ? impl_->survey(proof_begins(*summary), since) : Survey(),
                            since);
}

}  // namespace whylink::checks
