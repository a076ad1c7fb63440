#include "checks/stages/dns/cache.hpp"

#include <algorithm>
#include <vector>

#include "checks/stages/dns/dns.hpp"
#include "checks/stages/dns/negative.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::DnsQuery;
using probes::NameRole;

struct Asked {
    const JudgedProbe& probe;
    const DnsFacts& facts;
};

/// Every answer to a question for the host.
std::vector<Asked> asked_for_host(const Assessment& round) {
    std::vector<Asked> all;
    const auto add = [&all](const JudgedProbe& probe) {
        const auto* dns = probe.dns();
        if (dns != nullptr && dns->role == NameRole::host && dns->source == probes::NameSource::resolver) {
            all.push_back({probe, *dns});
        }
    };
    for (const JudgedProbe& probe : round.probes) {
        add(probe);
    }
    for (const JudgedFollowUp& test : round.follow_ups) {
        if (test.kind == probes::FollowUp::other_resolver) {
            add(test.probe);
        }
    }
    return all;
}

bool is_authoritative(const DnsFacts& facts) {
    return std::ranges::any_of(facts.queries, [](const DnsQuery& query) { return query.authoritative; });
}

std::uint32_t max_ttl(const DnsFacts& facts) {
    std::uint32_t longest = 0;
    for (const DnsQuery& query : facts.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            longest = std::max(longest, answer.ttl);
        }
    }
    return longest;
}

/// A wrong address out of a cache, beside the right one from the zone's own server.
bool is_older_address(const Asked& wrong, const Asked& right) {
    return wrong.probe.outcome == Outcome::unexpected_address && !is_authoritative(wrong.facts) &&
           is_authoritative(right.facts) && max_ttl(wrong.facts) < max_ttl(right.facts);
}

/// "No such record" of a private zone, out of a cache, while another resolver has the record. A resolver that does
/// not get to the private zone would answer from a public one.
bool is_older_denial(const Asked& wrong, const Asked& right) {
    const probes::NegativeAuthority* authority = negative_authority(wrong.facts);
    return is_denied_by_private_zone(wrong.probe) && !is_authoritative(wrong.facts) &&
           authority->ttl < authority->minimum && saying_of(right.probe.outcome) == Saying::right;
}

}  // namespace

FactSet summarise_caches(const Assessment& round) {
    FactSet facts;
    const std::vector<Asked> all = asked_for_host(round);
    for (const Asked& wrong : all) {
        for (const Asked& right : all) {
            const bool comparable = wrong.facts.name == right.facts.name && passes(right.probe.outcome);
            facts.insert_if(comparable && (is_older_address(wrong, right) || is_older_denial(wrong, right)),
                            Fact::cache_is_wrong);
        }
    }
    return facts;
}

}  // namespace whylink::checks
