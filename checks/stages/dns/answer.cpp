#include "checks/stages/dns/answer.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "checks/stages/errors.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::DnsQuery;
using probes::NameRole;

Outcome from_icmp(const DnsQuery& query, const IpAddress& resolver) {
    const probes::IcmpError& icmp = *query.icmp;
    const bool closed_port = icmp.v6 ? icmp.type == 1 && icmp.code == 4 : icmp.type == 3 && icmp.code == 3;
    const bool rule_here = icmp.local && icmp.sender != resolver;
    if (closed_port && !rule_here) {
        return Outcome::refused;
    }
    return icmp_outcome(icmp).value_or(Outcome::timeout);
}

Outcome judge_public_address(const IpAddress& address, const Expectation& expectation) {
    const AddressSpace space = address_space(address);
    const bool wrong = is_of_private_host(address, expectation) || space == AddressSpace::special ||
                       (expectation.private_space && space == AddressSpace::private_space);
    return wrong ? Outcome::unexpected_address : Outcome::ok;
}

}  // namespace

std::vector<IpAddress> addresses_of(const DnsFacts& facts) {
    std::vector<IpAddress> addresses;
    for (const DnsQuery& query : facts.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            addresses.push_back(answer.address);
        }
    }
    return addresses;
}

std::vector<probes::DnsAnswer> answers_of(const DnsFacts& facts) {
    std::vector<probes::DnsAnswer> answers;
    for (const DnsQuery& query : facts.queries) {
        answers.insert(answers.end(), query.answers.begin(), query.answers.end());
    }
    return answers;
}

std::vector<probes::SrvTarget> targets_of(const DnsFacts& facts) {
    std::vector<probes::SrvTarget> targets;
    for (const DnsQuery& query : facts.queries) {
        std::ranges::copy_if(query.targets, std::back_inserter(targets),
                             [](const probes::SrvTarget& target) { return !target.name.empty(); });
    }
    return targets;
}

bool is_shadowed(const DnsFacts& facts) {
    return facts.source == probes::NameSource::resolver && !facts.hosts_file.empty();
}

Outcome classify_query(const DnsQuery& query, const IpAddress& resolver) {
    if (query.rcode) {
        switch (*query.rcode) {
            case 0:
                return query.referral                                   ? Outcome::bad_response
                       : query.answers.empty() && query.targets.empty() ? Outcome::nodata
                                                                        : Outcome::ok;
            case 3:
                return Outcome::nxdomain;
            case 5:
                return Outcome::query_refused;
            default:
                return Outcome::servfail;
        }
    }
    if (query.bad_replies > 0) {
        return Outcome::bad_response;
    }
    if (query.icmp) {
        return from_icmp(query, resolver);
    }
    const std::optional<Outcome> by_errno = errno_outcome(query.error);
    return by_errno == Outcome::reset_by_peer ? Outcome::refused : by_errno.value_or(Outcome::timeout);
}

std::vector<Outcome> query_outcomes(const DnsFacts& facts) {
    std::vector<Outcome> outcomes;
    for (const DnsQuery& query : facts.queries) {
        outcomes.push_back(classify_query(query, facts.resolver));
    }
    return outcomes;
}

bool has_address(const std::vector<Outcome>& outcomes) {
    return std::ranges::find(outcomes, Outcome::ok) != outcomes.end();
}

Outcome judge_address(const IpAddress& address, probes::NameSource source, const Expectation& expectation) {
    if (contains(expectation.expect, address)) {
        return Outcome::ok;
    }
    const AddressSpace space = address_space(address);
    if (space == AddressSpace::public_space && expectation.private_space) {
        return Outcome::public_address;
    }
    // The hosts file may well give a loopback address on purpose; as a DNS answer it never reaches an
    // endpoint.
    const bool special = space == AddressSpace::special &&
                         (expectation.private_space || source == probes::NameSource::resolver);
    return special || !expectation.expect.empty() ? Outcome::unexpected_address : Outcome::ok;
}

Outcome judge_answer(const probes::DnsAnswer& answer, probes::NameSource source,
                     const Expectation& expectation) {
    const Outcome outcome = judge_address(answer.address, source, expectation);
    return answer.own && outcome == Outcome::ok ? Outcome::unexpected_address : outcome;
}

std::vector<BadAddress> bad_addresses(const DnsFacts& facts, const Expectation& expectation) {
    std::vector<BadAddress> bad;
    for (const probes::DnsAnswer& answer : answers_of(facts)) {
        const Outcome outcome = facts.role == NameRole::public_host
                                    ? judge_public_address(answer.address, expectation)
                                    : judge_answer(answer, facts.source, expectation);
        if (outcome != Outcome::ok) {
            bad.push_back({answer.address, outcome, answer.own});
        }
    }
    return bad;
}

bool is_of_private_host(const IpAddress& address, const Expectation& expectation) {
    return std::ranges::find(expectation.host_addresses, address) != expectation.host_addresses.end() ||
           contains(expectation.expect, address);
}

}  // namespace whylink::checks
