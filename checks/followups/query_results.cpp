#include "checks/followups/query_results.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/dns/special_ranges.hpp"
#include "checks/stages/errors.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::DnsQuery;
using probes::FollowUp;

/// The ordinary question for the same name to the same resolver; null when there was none.
const JudgedProbe* ordinary_query(const DnsFacts& dns, std::span<const JudgedProbe> probes) {
    const auto same = std::ranges::find_if(probes, [&](const JudgedProbe& probe) {
        const auto* other = probe.dns();
        return other != nullptr && other->name == dns.name && is_same_resolver(*other, dns);
    });
    return same == probes.end() ? nullptr : &*same;
}

bool is_missing(const JudgedProbe& probe) {
    return saying_of(probe.outcome) == Saying::missing;
}

/// What a resolver would not answer for it answers unchecked, whatever the address.
Finding of_unchecked(const JudgedProbe& now, const JudgedProbe& before) {
    if (before.outcome != Outcome::servfail) {
        return Finding::nothing;
    }
    if (has_address(now.query_outcomes)) {
        return Finding::answered;
    }
    return now.outcome == Outcome::servfail ? Finding::same : Finding::nothing;
}

/// Any reply shows that the resolver is there; a connection that is accepted and closed is none.
Finding of_tcp(const JudgedProbe& now, const DnsFacts& dns, const JudgedProbe& before) {
    if (before.outcome != Outcome::timeout || resolver_replied(*before.dns())) {
        return Finding::nothing;
    }
    if (std::ranges::any_of(dns.queries, [](const DnsQuery& query) { return query.rcode.has_value(); })) {
        return Finding::answered;
    }
    return is_network_level(now.outcome) ? Finding::same : Finding::nothing;
}

/// The ordinary queries, each from a socket of its own, were both answered: then it is the pair that matters.
Finding of_pair(const DnsFacts& dns, const JudgedProbe& before) {
    const auto replied = [](const DnsFacts& facts) {
        return std::ranges::count_if(facts.queries,
                                     [](const DnsQuery& query) { return query.rcode.has_value(); });
    };
    if (replied(*before.dns()) != 2 || dns.queries.size() != 2) {
        return Finding::nothing;
    }
    return replied(dns) == 2 ? Finding::answered : replied(dns) == 1 ? Finding::worse : Finding::nothing;
}

/// The same resolver, a moment later.
Finding of_repeat(const JudgedProbe& now, const JudgedProbe& before) {
    if (passes(before.outcome) && is_slow_lookup(now)) {
        return Finding::worse;
    }
    return passes(now.outcome)             ? Finding::answered
           : now.outcome == before.outcome ? Finding::same
                                           : Finding::nothing;
}

Finding of_changed_query(FollowUp kind, const JudgedProbe& probe, const DnsFacts& dns,
                         std::span<const JudgedProbe> probes) {
    const JudgedProbe* before = ordinary_query(dns, probes);
    if (before == nullptr) {
        return Finding::nothing;
    }
    switch (kind) {
        case FollowUp::checking_disabled:
            return of_unchecked(probe, *before);
        case FollowUp::dns_over_tcp:
            return of_tcp(probe, dns, *before);
        case FollowUp::repeat_query:
            return of_repeat(probe, *before);
        default:
            return of_pair(dns, *before);
    }
}

/// A name of the search list with no other addresses than the host's makes no difference.
bool leads_to_the_host(const DnsFacts& dns, std::span<const JudgedProbe> probes) {
    std::vector<IpAddress> known;
    for (const CountedName& name : counted_names(probes)) {
        if (name.facts.role == probes::NameRole::host) {
            std::ranges::move(addresses_of(name.facts), std::back_inserter(known));
        }
    }
    const std::vector<IpAddress> addresses = addresses_of(dns);
    return !addresses.empty() && std::ranges::all_of(addresses, [&](const IpAddress& address) {
        return std::ranges::find(known, address) != known.end();
    });
}

/// As when the configured address is also what resolv.conf names: nothing new is learnt there.
Finding of_other_name(FollowUp kind, const JudgedProbe& probe, const DnsFacts& dns,
                      std::span<const JudgedProbe> probes) {
    if (ordinary_query(dns, probes) != nullptr) {
        return Finding::nothing;
    }
    if (kind == FollowUp::search_name && leads_to_the_host(dns, probes)) {
        return Finding::nothing;
    }
    const bool any_address_counts = kind == FollowUp::public_name || kind == FollowUp::search_name;
    if (any_address_counts ? !addresses_of(dns).empty() : passes(probe.outcome)) {
        return Finding::answered;
    }
    // NODATA shows that the name exists: of a random one that is a wildcard, of a public one its owner's.
    const bool nodata_says_nothing = kind == FollowUp::public_name || kind == FollowUp::sibling_label;
    const bool same = is_missing(probe) && !(nodata_says_nothing && probe.outcome == Outcome::nodata);
    return same ? Finding::same : Finding::nothing;
}

Finding of_srv(const JudgedProbe& probe, const DnsFacts& dns) {
    if (!targets_of(dns).empty()) {
        return Finding::answered;
    }
    return is_missing(probe) ? Finding::same : Finding::nothing;
}

bool is_fake(const IpAddress& address) {
    const SpecialRange* range = special_range_of(address);
    return range != nullptr && range->fact == Fact::name_fake;
}

}  // namespace

Finding finding_of_query(FollowUp kind, const JudgedProbe& probe, std::span<const JudgedProbe> probes) {
    const DnsFacts& dns = *probe.dns();
    switch (kind) {
        case FollowUp::checking_disabled:
        case FollowUp::dns_over_tcp:
        case FollowUp::repeat_query:
        case FollowUp::paired_queries:
            return of_changed_query(kind, probe, dns, probes);
        case FollowUp::srv_name:
            return of_srv(probe, dns);
        default:
            return of_other_name(kind, probe, dns, probes);
    }
}

FactSet further_facts_of_queries(std::span<const FollowUpResult> results) {
    FactSet facts;
    for (const FollowUpResult& result : results) {
        const auto* dns = result.probe->dns();
        if (dns == nullptr || result.kind != FollowUp::sibling_label) {
            continue;
        }
        facts.insert_if(result.probe->outcome == Outcome::nodata, Fact::sibling_label_nodata);
        facts.insert_if(std::ranges::any_of(addresses_of(*dns), is_fake), Fact::sibling_label_fake);
    }
    return facts;
}

}  // namespace whylink::checks
