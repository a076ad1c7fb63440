#include "checks/stages/dns/dns.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "checks/explain/text.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/detail.hpp"
#include "checks/stages/dns/extended_error.hpp"
#include "checks/stages/dns/negative.hpp"
#include "checks/stages/dns/special_ranges.hpp"
#include "checks/stages/errors.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::NameRole;

/// What to say of a name without any address when its types differ: NXDOMAIN holds for all types (RFC 8020),
/// and a query that failed may hide an address, so that NODATA of the other type decides nothing.
Outcome without_address(const std::vector<Outcome>& outcomes) {
    using enum Outcome;
    constexpr Outcome order[]{nxdomain,   servfail,    query_refused, bad_response, refused,
                              prohibited, unreachable, timeout,       nodata};
    for (const Outcome candidate : order) {
        if (std::ranges::find(outcomes, candidate) != outcomes.end()) {
            return candidate;
        }
    }
    return timeout;
}

/// A public answer is named before an unexpected one, whichever came first.
Outcome worst_of(const std::vector<BadAddress>& bad) {
    if (bad.empty()) {
        return Outcome::ok;
    }
    const bool any_public =
        std::ranges::find(bad, Outcome::public_address, &BadAddress::outcome) != bad.end();
    return any_public ? Outcome::public_address : bad.front().outcome;
}

/// The name that must not exist. Only an address counts: whatever else comes says nothing about the zone.
Classification judge_control(Classification result, const DnsFacts& facts) {
    if (!addresses_of(facts).empty()) {
        result.outcome = Outcome::unexpected_address;
        result.detail = [&facts] {
            return "a nonexistent name resolves to " + addresses_text(addresses_of(facts));
        };
        return result;
    }
    result.counts = false;
    if (result.outcome == Outcome::nxdomain || result.outcome == Outcome::nodata) {
        result.detail = [outcome = result.outcome] {
            return std::string(outcome == Outcome::nodata ? "NODATA" : "NXDOMAIN") + ", as expected";
        };
        result.outcome = Outcome::ok;
    } else {
        result.detail = [&facts] { return failing_text(facts) + "; inconclusive"; };
    }
    return result;
}

// ---- facts ----

bool has_special_answer(const DnsFacts& facts) {
    return std::ranges::any_of(addresses_of(facts), [](const IpAddress& address) {
        return address_space(address) == AddressSpace::special;
    });
}

/// Servers are known that say NXDOMAIN of a type that they do not know (RFC 4074 section 4.2).
bool half_missing(const JudgedProbe& probe) {
    return probe.outcome == Outcome::nxdomain &&
           std::ranges::any_of(probe.query_outcomes,
                               [](Outcome outcome) { return saying_of(outcome) == Saying::nothing; });
}

/// An answer of one type is at hand, and the other is denied: NXDOMAIN holds for all types (RFC 8020), so that some
/// resolvers in programs take neither.
bool denies_one_type(const JudgedProbe& probe) {
    return has_address(probe.query_outcomes) &&
           std::ranges::find(probe.query_outcomes, Outcome::nxdomain) != probe.query_outcomes.end();
}

FactSet facts_of_ranges(const DnsFacts& facts) {
    FactSet shown;
    for (const IpAddress& address : addresses_of(facts)) {
        if (const SpecialRange* range = special_range_of(address)) {
            shown.insert(range->fact);
        }
    }
    return shown;
}

template <class Predicate>
bool any_query(const DnsFacts& facts, Predicate is_so) {
    return std::ranges::any_of(facts.queries, is_so);
}

/// Of the resolver that was asked, and not of the name.
FactSet facts_of_way(const DnsFacts& dns, const JudgedProbe& probe) {
    const bool failed = probe.outcome == Outcome::servfail || probe.outcome == Outcome::query_refused;
    FactSet facts;
    facts.insert_if(any_query(dns, [](const auto& query) { return query.edns_unanswered; }),
                    Fact::edns_unanswered);
    facts.insert_if(failed && has_error(dns, ErrorClass::dnssec), Fact::dnssec_failure);
    facts.insert_if(failed && has_error(dns, ErrorClass::delegation), Fact::delegation_failure);
    facts.insert_if(has_error(dns, ErrorClass::filter), Fact::answer_filtered);
    facts.insert_if(has_error(dns, ErrorClass::stale), Fact::answer_stale);
    facts.insert_if(any_query(dns, [](const auto& query) { return query.referral; }),
                    Fact::recursion_refused);
    facts.insert_if(any_query(dns, [](const auto& query) { return query.reply_from.has_value(); }),
                    Fact::reply_from_elsewhere);
    facts.insert_if(dns.options && !dns.options->ends_at.empty() && dns.hosts_file.empty(),
                    Fact::dns_not_used);
    return facts;
}

// ---- in a line ----

std::string answers_text(const DnsFacts& facts) {
    const bool has_ttl = facts.source == probes::NameSource::resolver;
    std::vector<std::string> parts;
    for (const probes::DnsQuery& query : facts.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            parts.push_back(answer.address.to_string() +
                            (has_ttl ? fmt::format(" (TTL {} s)", answer.ttl) : ""));
        }
    }
    return join_first(6, std::move(parts));
}

std::string role_text(probes::NameRole role) {
    return title(role).empty() ? "" : fmt::format(" ({})", title(role));
}

/// What takes addresses out of an answer leaves no SOA, which the zone's own denial has (RFC 2308 section 2.2). Some
/// caches leave it out, too.
bool is_bare(const DnsFacts& facts) {
    static constexpr int no_error = 0;
    return std::ranges::any_of(facts.queries, [](const probes::DnsQuery& query) {
        return query.rcode == no_error && query.answers.empty() && !query.authority;
    });
}

}  // namespace

Classification classify(const DnsFacts& facts, probes::Nanoseconds /*took*/, const Expectation& expectation) {
    Classification result;
    result.query_outcomes = query_outcomes(facts);
    const bool resolves = has_address(result.query_outcomes);
    result.outcome = resolves ? Outcome::ok : without_address(result.query_outcomes);
    if (facts.role == NameRole::control) {
        return judge_control(std::move(result), facts);
    }
    if (resolves) {
        result.outcome = worst_of(bad_addresses(facts, expectation));
    }
    result.detail = [&facts, &expectation] { return dns_detail(facts, expectation); };
    result.counts = !is_shadowed(facts) || !facts.from_system;
    return result;
}

bool forbidden_here(const DnsFacts& facts) {
    return std::ranges::any_of(facts.queries, [&facts](const probes::DnsQuery& query) {
        if (query.rcode) {
            return false;
        }
        // A closed port of this very host also yields a local ICMP error; only one about another host is a
        // rule.
        return query.icmp ? query.icmp->local && query.icmp->sender != facts.resolver &&
                                classify_query(query, facts.resolver) == Outcome::prohibited
                          : is_rule_errno(query.error);
    });
}

FactSet facts_of(const DnsFacts& dns, const JudgedProbe& probe, const probes::TlsFacts* /*handshake*/) {
    FactSet facts;
    const Saying saying = saying_of(probe.outcome);
    if (dns.role == NameRole::control) {
        facts.insert_if(saying == Saying::unexpected, Fact::control_resolves);
        return facts;
    }
    if (dns.role == NameRole::public_host) {
        facts.insert_if(saying == Saying::unexpected, Fact::public_name_private);
        facts.insert_if(saying == Saying::missing, Fact::public_name_missing);
        facts.insert_if(is_denied_by_private_zone(probe), Fact::public_from_private_zone);
        return facts;
    }
    facts = facts_of_way(dns, probe);
    const bool elsewhere = saying == Saying::public_space || saying == Saying::unexpected;
    facts.insert_if(saying == Saying::right, Fact::name_right);
    facts.insert_if(is_slow_lookup(probe), Fact::name_slow);
    facts.insert_if(saying == Saying::public_space, Fact::name_public);
    facts.insert_if(saying == Saying::unexpected, Fact::name_unexpected);
    facts.insert_if(saying == Saying::unexpected && has_special_answer(dns), Fact::name_special);
    facts.insert_if(elsewhere, Fact::name_elsewhere);
    facts.insert_all(elsewhere ? facts_of_ranges(dns) : FactSet());
    facts.insert_if(denies_one_type(probe), Fact::one_type_denied);
    facts.insert_if(saying == Saying::missing, Fact::name_missing);
    facts.insert_if(probe.outcome == Outcome::nodata, Fact::name_nodata);
    facts.insert_if(probe.outcome == Outcome::nodata && is_bare(dns), Fact::nodata_bare);
    facts.insert_if(half_missing(probe), Fact::name_half_missing);
    facts.insert_if(is_denied_by_private_zone(probe), Fact::name_from_private_zone);
    facts.insert_if(contradicts_itself(probe), Fact::negative_contradicts);
    if (dns.role == NameRole::known_label) {
        facts.insert_if(saying == Saying::missing, Fact::known_missing);
        facts.insert_if(saying == Saying::right || elsewhere, Fact::known_resolves);
    }
    return facts;
}

std::string evidence_line(const DnsFacts& facts, const JudgedProbe& probe, const std::string& detail) {
    const std::string answers = answers_text(facts);
    const std::string name = fmt::format("{}: {}{}", resolver_text(facts), facts.name, role_text(facts.role));
    if (answers.empty()) {
        return fmt::format("{}: {}", name, detail.empty() ? slug(probe.outcome) : detail);
    }
    const std::string waited =
        is_slow_lookup(probe) ? " after " + duration_text(probe.observation.took) : std::string();
    return fmt::format("{} resolves to {}{}{}{}", name, answers, waited, detail.empty() ? "" : "; ", detail);
}

std::vector<CountedName> counted_names(std::span<const JudgedProbe> probes) {
    std::vector<CountedName> names;
    for (const JudgedProbe& probe : probes) {
        if (probe.counts && probe.dns() != nullptr) {
            names.push_back({probe, *probe.dns()});
        }
    }
    return names;
}

bool is_slow_lookup(const probes::Observation& observation) {
    constexpr std::chrono::milliseconds almost_a_second{900};  // timers are no more exact
    const auto* dns = get_if<DnsFacts>(&observation.facts);
    return dns != nullptr && dns->role == NameRole::host && observation.took >= almost_a_second;
}

bool is_slow_lookup(const JudgedProbe& probe) {
    const auto* dns = probe.dns();
    return dns != nullptr && dns->source == probes::NameSource::resolver &&
           saying_of(probe.outcome) == Saying::right && is_slow_lookup(probe.observation);
}

bool is_same_resolver(const DnsFacts& a, const DnsFacts& b) {
    return a.source == b.source && a.resolver == b.resolver && a.resolver_port == b.resolver_port;
}

bool resolver_replied(const DnsFacts& facts) {
    return std::ranges::any_of(facts.queries, [](const probes::DnsQuery& query) {
        return query.rcode || query.truncated || query.bad_replies > 0;
    });
}

std::string resolver_text(const DnsFacts& facts) {
    return facts.source == probes::NameSource::hosts_file
               ? "the hosts file"
               : endpoint_text(facts.resolver, facts.resolver_port);
}

Saying saying_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok:
            return Saying::right;
        case Outcome::public_address:
            return Saying::public_space;
        case Outcome::unexpected_address:
            return Saying::unexpected;
        case Outcome::nxdomain:
        case Outcome::nodata:
            return Saying::missing;
        default:
            return Saying::nothing;
    }
}

}  // namespace whylink::checks
