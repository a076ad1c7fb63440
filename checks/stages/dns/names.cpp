#include "checks/stages/dns/names.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/cache.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/expectation.hpp"
#include "checks/stages/listener.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::NameRole;
using probes::NameSource;

/// systemd-resolved.service(8): the stub, and the one without the extras.
constexpr std::array<std::uint8_t, 4> stub_of_systemd{127, 0, 0, 53};
constexpr std::array<std::uint8_t, 4> proxy_of_systemd{127, 0, 0, 54};
/// In the network namespaces of containers with a network of their own.
constexpr std::array<std::uint8_t, 4> server_of_docker{127, 0, 0, 11};

bool is_random(NameRole role) {
    return role == NameRole::random_label || role == NameRole::random_two_labels;
}
bool is_of_target(NameRole role) {
    return role == NameRole::host || role == NameRole::known_label || is_random(role);
}
/// The kernel refused every query for want of a route; no router said anything.
bool without_route(const DnsFacts& facts) {
    return !facts.queries.empty() && std::ranges::all_of(facts.queries, [](const auto& query) {
        return !query.rcode && query.error == ENETUNREACH && !query.icmp;
    });
}

// ---- each resolver as a whole ----

using Resolver = std::pair<IpAddress, std::uint16_t>;

struct ResolverState {
    bool replied = false;
    bool counted = false;
    bool target_without_reply = false;  ///< a name of the target got none
    bool public_without_reply = false;
    bool timed_out = false;
    bool target_failed = false;  ///< SERVFAIL, REFUSED, garbage for a name of the target
    bool public_failed = false;
    bool no_route = true;
    bool assumed = false;  ///< resolv.conf names none
};

using ResolverStates = std::map<Resolver, ResolverState>;

void note_failure(ResolverState& state, NameRole role, Outcome outcome) {
    const bool target = is_of_target(role);
    if (is_network_level(outcome)) {
        (target ? state.target_without_reply : state.public_without_reply) = true;
        state.timed_out |= outcome == Outcome::timeout;
    } else if (is_failure_reply(outcome)) {
        (target ? state.target_failed : state.public_failed) = true;
    }
}

void note(ResolverStates& states, const JudgedProbe& probe) {
    const auto* facts = probe.dns();
    if (facts == nullptr || facts->source != NameSource::resolver) {
        return;
    }
    ResolverState& state = states[{facts->resolver, facts->resolver_port}];
    state.replied |= resolver_replied(*facts);
    state.no_route &= without_route(*facts);
    state.assumed |= facts->no_nameserver;
    state.counted |= probe.counts;
    if (probe.counts && !forbidden_here(probe.observation)) {
        note_failure(state, facts->role, probe.outcome);
    }
}

/// A follow-up test's query shows as well whether a resolver replies.
ResolverStates resolver_states(const Assessment& round) {
    ResolverStates states;
    for (const JudgedProbe& probe : round.probes) {
        note(states, probe);
    }
    for (const JudgedFollowUp& test : round.follow_ups) {
        // Programs ask over UDP: a reply over TCP has a fact of its own.
        if (test.kind != probes::FollowUp::dns_over_tcp) {
            note(states, test.probe);
        }
    }
    return states;
}

bool is_silent(const ResolverState& state) {
    return state.counted && (state.target_without_reply || state.public_without_reply) && !state.replied;
}

/// Of those that give no reply, where nothing but this host itself has a part in that.
FactSet on_loopback(const ResolverStates& states) {
    FactSet facts;
    for (const auto& [resolver, state] : states) {
        const IpAddress& address = resolver.first;
        if (!is_silent(state)) {
            continue;
        }
        if (!is_loopback(address)) {
            return {};
        }
        facts.insert(Fact::resolver_on_loopback);
        facts.insert_if(
            address == IpAddress::v4(stub_of_systemd) || address == IpAddress::v4(proxy_of_systemd),
            Fact::resolver_of_systemd);
        facts.insert_if(address == IpAddress::v4(server_of_docker), Fact::resolver_of_docker);
    }
    return facts;
}

FactSet of_resolvers(const ResolverStates& states) {
    FactSet facts;
    bool routed = false;
    bool counted = false;
    for (const auto& [resolver, state] : states) {
        facts.insert_if(state.replied, Fact::resolver_answers);
        routed |= !state.no_route;
        if (!state.counted) {
            continue;
        }
        counted = true;
        const bool silent = is_silent(state);
        facts.insert_if(silent, Fact::resolver_without_reply);
        facts.insert_if(silent && state.timed_out, Fact::resolver_timed_out);
        facts.insert_if(silent && state.assumed, Fact::no_nameserver);
        facts.insert_if(state.target_failed || (state.target_without_reply && state.replied),
                        Fact::resolver_fails);
        facts.insert_if(state.public_failed || (state.public_without_reply && state.replied),
                        Fact::public_name_fails);
    }
    facts.insert_if(counted && !routed, Fact::resolvers_without_route);
    facts.insert_all(on_loopback(states));
    return facts;
}

// ---- what they say of random names ----

bool no_random_name_resolves(std::span<const CountedName> names) {
    bool asked = false;
    bool resolves = false;
    for (const CountedName& name : names) {
        const Saying saying = saying_of(name.probe.outcome);
        if (is_random(name.facts.role) && saying != Saying::nothing) {
            asked = true;
            resolves |= saying != Saying::missing;
        }
    }
    return asked && !resolves;
}

// ---- whether they say the same ----

/// What one resolver says of one name, or of the random names together, which are other ones at each
/// resolver.
struct View {
    std::set<Saying> sayings;
    std::set<IpAddress> addresses;

    void add(const CountedName& name) {
        sayings.insert(saying_of(name.probe.outcome));
        for (const IpAddress& address : addresses_of(name.facts)) {
            addresses.insert(address);
        }
    }
};

using Views = std::map<Resolver, View>;

/// The hosts file is one more that is asked.
Resolver source_of(const DnsFacts& facts) {
    return facts.source == NameSource::hosts_file ? Resolver()
                                                  : Resolver(facts.resolver, facts.resolver_port);
}

std::map<std::string, Views> views_by_name(std::span<const CountedName> names) {
    std::map<std::string, Views> views;
    for (const CountedName& name : names) {
        const auto& [probe, dns] = name;
        if (is_of_target(dns.role) && saying_of(probe.outcome) != Saying::nothing) {
            views[is_random(dns.role) ? std::string() : dns.name][source_of(dns)].add(name);
        }
    }
    return views;
}

bool any_public(const std::set<IpAddress>& addresses) {
    return std::ranges::any_of(
        addresses, [](const IpAddress& a) { return address_space(a) == AddressSpace::public_space; });
}

bool share_a_family(const View& a, const View& b) {
    const auto has = [](const View& view, bool v4) {
        return std::ranges::any_of(view.addresses,
                                   [v4](const IpAddress& address) { return address.is_v4() == v4; });
    };
    return (has(a, true) && has(b, true)) || (has(a, false) && has(b, false));
}

/// Order and a choice out of a pool are no disagreement, so only answers without a common address count.
/// Public names differ by resolver as a matter of course, and what lies inside `expect` is right wherever it
/// differs.
bool disjoint(const View& a, const View& b) {
    if (any_public(a.addresses) || any_public(b.addresses) || !share_a_family(a, b)) {
        return false;
    }
    return std::ranges::none_of(a.addresses,
                                [&](const IpAddress& address) { return b.addresses.contains(address); });
}

bool all_in(const std::set<IpAddress>& addresses, AddressSpace space) {
    return !addresses.empty() && std::ranges::all_of(addresses, [space](const IpAddress& address) {
        return address_space(address) == space;
    });
}

/// A private view of the name at one resolver and the public one at the other.
bool lie_in_different_spaces(const View& a, const View& b) {
    constexpr auto inside = AddressSpace::private_space;
    constexpr auto outside = AddressSpace::public_space;
    return (all_in(a.addresses, inside) && all_in(b.addresses, outside)) ||
           (all_in(a.addresses, outside) && all_in(b.addresses, inside));
}

bool differ(const View& a, const View& b, bool any_private_will_do) {
    const bool both_right = a.sayings == std::set{Saying::right} && b.sayings == a.sayings;
    return a.sayings != b.sayings ||
           (any_private_will_do && both_right && (disjoint(a, b) || lie_in_different_spaces(a, b)));
}

/// One resolver that was asked twice for a name, as when `system` is also given by address, may contradict
/// itself.
bool contradicts_itself(const std::string& name, const View& view) {
    return !name.empty() && view.sayings.size() > 1;
}

bool differ(const std::string& name, const Views& views, bool any_private_will_do) {
    for (auto a = views.begin(); a != views.end(); ++a) {
        const bool differs =
            contradicts_itself(name, a->second) || std::any_of(std::next(a), views.end(), [&](const auto& b) {
                return differ(a->second, b.second, any_private_will_do);
            });
        if (differs) {
            return true;
        }
    }
    return false;
}

bool answers_differ(std::span<const CountedName> names, bool any_private_will_do) {
    return std::ranges::any_of(views_by_name(names), [any_private_will_do](const auto& name) {
        return differ(name.first, name.second, any_private_will_do);
    });
}

// ---- whether one wildcard covers the zone's names ----

std::string key_of(const DnsFacts& facts) {
    switch (facts.role) {
        case NameRole::random_label:
            return "*";
        case NameRole::random_two_labels:
            return "*.*";
        default:
            return facts.name;
    }
}

/// What one resolver says of the random names of one label and of two, and of each known label.
using ViewsOfNames = std::map<std::string, View>;

bool names_differ(std::span<const CountedName> names) {
    std::map<Resolver, ViewsOfNames> resolvers;
    for (const CountedName& name : names) {
        if (is_of_target(name.facts.role)) {
            resolvers[source_of(name.facts)][key_of(name.facts)].add(name);
        }
    }
    return std::ranges::any_of(resolvers, [](const auto& resolver) {
        const ViewsOfNames& views = resolver.second;
        const auto wildcard = views.find("*");
        return wildcard != views.end() && std::ranges::any_of(views, [&](const auto& name) {
                   return disjoint(wildcard->second, name.second);
               });
    });
}

/// Nothing says that the name is one of this network's own.
bool need_not_be_private(const config::Target& target) {
    const config::Endpoint* endpoint = target.endpoint();
    return endpoint != nullptr && !endpoint->address && !endpoint->private_space && endpoint->expect.empty();
}

/// With `options edns0` the C library sends EDNS to each server of resolv.conf, and falls back on FORMERR and the like
/// only, not on silence (resolv/res_send.c of glibc): nobody answers its programs then.
bool loses_edns_of_programs(std::span<const CountedName> names) {
    bool lost = false;
    for (const auto& [probe, dns] : names) {
        if (!dns.from_system || !dns.options || dns.role != NameRole::host || !passes(probe.outcome)) {
            continue;
        }
        const bool unanswered = dns.options->edns0 && dns.options->ends_at.empty() &&
                                std::ranges::any_of(dns.queries, &probes::DnsQuery::edns_unanswered);
        if (!unanswered) {
            return false;
        }
        lost = true;
    }
    return lost;
}

FactSet of_foreign_name(FactSet facts) {
    facts.insert(Fact::private_not_judged);
    facts.insert_if(facts.contains(Fact::name_from_private_zone), Fact::name_hidden);
    facts.erase(Fact::name_from_private_zone);
    return facts;
}

}  // namespace

FactSet summarise_names(const config::Target& target, const Assessment& round) {
    const std::vector<CountedName> names = counted_names(round.probes);
    FactSet facts = of_resolvers(resolver_states(round));
    facts.insert_if(no_random_name_resolves(names), Fact::random_none);
    for (const auto& [probe, dns] : names) {
        facts.insert_all(facts_of(dns, probe, nullptr));
        facts.insert_if(probe.outcome == Outcome::local_error, Fact::local_error);
        facts.insert_if(forbidden_here(probe.observation), Fact::resolver_forbidden_here);
    }
    facts.insert_all(summarise_caches(round));
    facts.insert_if(loses_edns_of_programs(names), Fact::edns_lost_for_programs);
    facts.insert_if(answers_differ(names, expectation_of(target).expect.empty()), Fact::answers_differ);
    facts.insert_if(target.zone() != nullptr && target.zone()->expect.empty() && names_differ(names),
                    Fact::names_differ);
    return need_not_be_private(target) ? of_foreign_name(facts) : facts;
}

}  // namespace whylink::checks
