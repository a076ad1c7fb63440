#include "checks/stages/dns/dns.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "checks/explain/text.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/detail.hpp"
#include "checks/stages/errors.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::NameRole;

/// What to say of a name without any address when its types differ: NXDOMAIN holds for all types (RFC 8020),
/// and a query that failed may hide an address, so that NODATA of the other type decides nothing.
Outcome without_address(const std::vector<Outcome>& outcomes) {
    using enum Outcome;
    constexpr std::array order{nxdomain,   servfail,    query_refused, bad_response, refused,
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
    const bool any_public = std::ranges::any_of(
        bad, [](const BadAddress& one) { return one.outcome == Outcome::public_address; });
    return any_public ? Outcome::public_address : bad.front().outcome;
}

/// The name that must not exist. Only an address counts: whatever else comes says nothing about the zone.
Classification judge_control(Classification result, const DnsFacts& facts) {
    if (!addresses_of(facts).empty()) {
        result.outcome = Outcome::unexpected_address;
        result.detail = [&facts] {
            return "a name that does not exist was answered with " + addresses_text(addresses_of(facts));
        };
        return result;
    }
    result.counts = false;
    if (result.outcome == Outcome::nxdomain || result.outcome == Outcome::nodata) {
        result.outcome = Outcome::ok;
        result.detail = [] { return std::string("does not resolve, as it must not"); };
    } else {
        result.detail = [&facts] { return failing_text(facts) + "; this says nothing about the zone"; };
    }
    return result;
}

// ---- facts ----

bool has_special_answer(const DnsFacts& facts) {
    return std::ranges::any_of(facts.queries, [](const probes::DnsQuery& query) {
        return std::ranges::any_of(query.answers, [](const probes::DnsAnswer& answer) {
            return address_space(answer.address) == AddressSpace::special;
        });
    });
}

/// Servers are known that say NXDOMAIN of a type that they do not know (RFC 4074 section 4.2).
bool half_missing(const JudgedProbe& probe) {
    return probe.outcome == Outcome::nxdomain &&
           std::ranges::any_of(probe.query_outcomes,
                               [](Outcome outcome) { return saying_of(outcome) == Saying::nothing; });
}

// ---- in a line ----

std::string answers_text(const DnsFacts& facts) {
    constexpr std::size_t most = 6;
    std::vector<std::string> parts;
    std::size_t count = 0;
    for (const probes::DnsQuery& query : facts.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            if (++count <= most) {
                parts.push_back(answer.address.to_string() +
                                (facts.source == probes::NameSource::resolver
                                     ? " (TTL " + std::to_string(answer.ttl) + " s)"
                                     : ""));
            }
        }
    }
    if (count > most) {
        parts.push_back(std::to_string(count - most) + " more");
    }
    return join(parts);
}

std::string role_text(probes::NameRole role) {
    return title(role).empty() ? "" : " (" + std::string(title(role)) + ")";
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
    for (const probes::DnsQuery& query : facts.queries) {
        if (query.rcode) {
            continue;
        }
        if (is_rule_errno(query.error) && !query.icmp) {
            return true;
        }
        // A closed port of this very host also yields a local ICMP error; only one about another host is a
        // rule.
        if (query.icmp && query.icmp->local && query.icmp->sender != facts.resolver &&
            classify_query(query, facts.resolver) == Outcome::prohibited) {
            return true;
        }
    }
    return false;
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
        return facts;
    }
    const bool elsewhere = saying == Saying::public_space || saying == Saying::unexpected;
    facts.insert_if(saying == Saying::right, Fact::name_right);
    facts.insert_if(saying == Saying::public_space, Fact::name_public);
    facts.insert_if(saying == Saying::unexpected, Fact::name_unexpected);
    facts.insert_if(saying == Saying::unexpected && has_special_answer(dns), Fact::name_special);
    facts.insert_if(elsewhere, Fact::name_elsewhere);
    facts.insert_if(saying == Saying::missing, Fact::name_missing);
    facts.insert_if(probe.outcome == Outcome::nodata, Fact::name_nodata);
    facts.insert_if(half_missing(probe), Fact::name_half_missing);
    if (dns.role == NameRole::known_label) {
        facts.insert_if(saying == Saying::missing, Fact::known_missing);
        facts.insert_if(saying == Saying::right || elsewhere, Fact::known_resolves);
    }
    return facts;
}

std::string evidence_line(const DnsFacts& facts, const JudgedProbe& probe, const std::string& detail) {
    const std::string answers = answers_text(facts);
    std::string line = resolver_text(facts) + ": " + facts.name + role_text(facts.role);
    if (!answers.empty()) {
        line += " has " + answers;
    } else if (detail.empty()) {
        line += ": ";
        line += slug(probe.outcome);
    }
    return detail.empty() ? line : line + (answers.empty() ? ": " : "; ") + detail;
}

const DnsFacts* dns_facts(const JudgedProbe& probe) {
    return std::get_if<DnsFacts>(&probe.observation.facts);
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
