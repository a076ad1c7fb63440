#include <algorithm>
#include <array>
#include <cerrno>

#include "checks/explain/text.hpp"
#include "checks/stages/classify_stage.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::DnsQuery;
using probes::NameRole;

constexpr std::string_view type_text(probes::RecordType type) {
    return type == probes::RecordType::a ? "A" : "AAAA";
}

std::vector<IpAddress> addresses_of(const DnsFacts& facts) {
    std::vector<IpAddress> addresses;
    for (const DnsQuery& query : facts.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            addresses.push_back(answer.address);
        }
    }
    return addresses;
}

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

/// The whole chain: a hop through a `privatelink.` name that ends at a public address says that the private
/// zone is not linked here.
std::string chain_text(const std::vector<std::string>& cnames) {
    return cnames.size() == 1 ? "a CNAME to " + cnames.front() : "CNAMEs to " + join(cnames, ", then ");
}

std::string reply_text(const DnsQuery& query, Outcome outcome) {
    std::string text = outcome == Outcome::nodata ? "no address (NODATA)" : rcode_text(*query.rcode);
    if (!query.cnames.empty()) {
        text += " at the end of " + chain_text(query.cnames);
    }
    return text + " after " + duration_text(query.took);
}

std::string no_reply_text(const DnsQuery& query) {
    if (query.bad_replies > 0) {
        return "no usable reply in " + duration_text(query.took) + ", " + std::to_string(query.bad_replies) +
               " unusable" + (query.bad_reply.empty() ? "" : " (" + query.bad_reply + ")");
    }
    std::string text = query.truncated ? "truncated reply over UDP, none over TCP" : "no reply";
    text += " in " + duration_text(query.took);
    if (query.icmp) {
        text += ", " + icmp_text(*query.icmp);
    }
    if (query.error != 0) {
        text += ", " + errno_text(query.error);
    }
    return query.sent > 0 ? text + ", " + std::to_string(query.sent) +
                                (query.sent == 1 ? " query sent" : " queries sent")
                          : text;
}

std::string failing_text(const DnsFacts& facts, const std::vector<Outcome>& outcomes) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const DnsQuery& query = facts.queries[i];
        if (outcomes[i] != Outcome::ok) {
            parts.push_back(std::string(type_text(query.type)) + ": " +
                            (query.rcode ? reply_text(query, outcomes[i]) : no_reply_text(query)));
        }
    }
    return join(parts, "; ");
}

std::string_view special_text(const IpAddress& address) {
    const IpAddress judged = address.embedded_v4().value_or(address);
    const auto bytes = judged.bytes();
    if (std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; })) {
        return "the unspecified address";
    }
    if (judged.is_v4()) {
        return bytes[0] == 127   ? "a loopback address"
               : bytes[0] == 169 ? "a link-local address"
                                 : "a special address";
    }
    return bytes[0] == 0xff   ? "a multicast address"
           : bytes[0] == 0xfe ? "a link-local address"
                              : "a loopback address";
}

std::string expect_text(std::span<const Cidr> expect) {
    std::vector<std::string> parts;
    for (const Cidr& block : expect) {
        parts.push_back(block.to_string());
    }
    return join(parts, " or ");
}

bool within(std::span<const Cidr> blocks, const IpAddress& address) {
    return std::ranges::any_of(blocks, [&](const Cidr& block) { return block.contains(address); });
}

std::string bad_address_text(const IpAddress& address, Outcome outcome, const Expectation& expectation) {
    std::string text = address.to_string();
    if (outcome == Outcome::public_address) {
        return text + " is a public address";
    }
    if (address_space(address) == AddressSpace::special) {
        text += " is ";
        return text += special_text(address);
    }
    return text + " is outside expect (" + expect_text(expectation.expect) + ")";
}

std::string cname_text(const DnsFacts& facts) {
    for (const DnsQuery& query : facts.queries) {
        if (!query.cnames.empty() && !query.answers.empty()) {
            return "by way of " + chain_text(query.cnames);
        }
    }
    return {};
}

/// What of the addresses is wrong.
struct BadAddress {
    IpAddress address;
    Outcome outcome = Outcome::ok;
};

Outcome judge_public_address(const IpAddress& address, const Expectation& expectation) {
    const bool of_host =
        std::ranges::find(expectation.host_addresses, address) != expectation.host_addresses.end();
    const AddressSpace space = address_space(address);
    const bool wrong = of_host || within(expectation.expect, address) || space == AddressSpace::special ||
                       (expectation.private_space && space == AddressSpace::private_space);
    return wrong ? Outcome::unexpected_address : Outcome::ok;
}

std::vector<BadAddress> bad_addresses(const DnsFacts& facts, const Expectation& expectation) {
    std::vector<BadAddress> bad;
    for (const IpAddress& address : addresses_of(facts)) {
        const Outcome outcome = facts.role == NameRole::public_host
                                    ? judge_public_address(address, expectation)
                                    : judge_address(address, facts.source, expectation);
        if (outcome != Outcome::ok) {
            bad.push_back({address, outcome});
        }
    }
    return bad;
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

std::string bad_public_text(const IpAddress& address, const Expectation& expectation) {
    const bool of_host =
        std::ranges::find(expectation.host_addresses, address) != expectation.host_addresses.end();
    return address.to_string() + (of_host || within(expectation.expect, address)
                                      ? " is the private endpoint's address"
                                      : " is not a public address");
}

void append(std::string& text, const std::string& more) {
    if (!more.empty()) {
        text += (text.empty() ? "" : "; ") + more;
    }
}

/// Of the first few.
std::string bad_addresses_text(const DnsFacts& facts, const Expectation& expectation) {
    constexpr std::size_t most = 4;
    std::vector<std::string> parts;
    for (const BadAddress& bad : bad_addresses(facts, expectation)) {
        if (parts.size() < most) {
            parts.push_back(facts.role == NameRole::public_host
                                ? bad_public_text(bad.address, expectation)
                                : bad_address_text(bad.address, bad.outcome, expectation));
        }
    }
    return join(parts);
}

std::vector<Outcome> outcomes_of(const DnsFacts& facts) {
    std::vector<Outcome> outcomes;
    for (const DnsQuery& query : facts.queries) {
        outcomes.push_back(classify_query(query, facts.resolver));
    }
    return outcomes;
}

bool has_address(const std::vector<Outcome>& outcomes) {
    return std::ranges::find(outcomes, Outcome::ok) != outcomes.end();
}

bool is_shadowed(const DnsFacts& facts) {
    return facts.source == probes::NameSource::resolver && !facts.hosts_file.empty();
}

std::string dns_detail(const DnsFacts& facts, const Expectation& expectation) {
    const std::vector<Outcome> outcomes = outcomes_of(facts);
    const bool by_hosts_file = facts.source == probes::NameSource::hosts_file;
    std::string text;
    if (has_address(outcomes)) {
        text = bad_addresses_text(facts, expectation);
        append(text, text.empty() ? "" : cname_text(facts));
    }
    append(text, has_address(outcomes) && by_hosts_file ? "" : failing_text(facts, outcomes));
    append(text, is_shadowed(facts) ? "the hosts file gives " + addresses_text(facts.hosts_file) +
                                          " for this name, which is what applications on this VM get"
                                    : "");
    return text;
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
        result.detail = [&facts] {
            return failing_text(facts, outcomes_of(facts)) + "; this says nothing about the zone";
        };
    }
    return result;
}

Outcome from_icmp(const DnsQuery& query, const IpAddress& resolver) {
    const probes::IcmpError& icmp = *query.icmp;
    const bool closed_port = icmp.v6 ? icmp.type == 1 && icmp.code == 4 : icmp.type == 3 && icmp.code == 3;
    const bool rule_here = icmp.local && icmp.sender != resolver;
    if (closed_port && !rule_here) {
        return Outcome::refused;
    }
    return icmp_outcome(icmp).value_or(Outcome::timeout);
}

}  // namespace

Outcome judge_address(const IpAddress& address, probes::NameSource source, const Expectation& expectation) {
    if (within(expectation.expect, address)) {
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

Outcome classify_query(const DnsQuery& query, const IpAddress& resolver) {
    if (query.rcode) {
        switch (*query.rcode) {
            case 0:
                return query.answers.empty() ? Outcome::nodata : Outcome::ok;
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

Classification classify_dns(const DnsFacts& facts, const Expectation& expectation) {
    Classification result;
    result.query_outcomes = outcomes_of(facts);
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

}  // namespace whylink::checks
