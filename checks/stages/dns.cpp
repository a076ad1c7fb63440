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

struct AddressVerdict {
    Outcome outcome = Outcome::ok;
    std::vector<std::string> said;
};

void add_bad(AddressVerdict& verdict, Outcome outcome, std::string text) {
    constexpr std::size_t most = 4;
    // A public answer is named before an unexpected one, whichever came first.
    if (verdict.outcome == Outcome::ok || outcome == Outcome::public_address) {
        verdict.outcome = outcome;
    }
    if (verdict.said.size() < most) {
        verdict.said.push_back(std::move(text));
    }
}

AddressVerdict judge_private_name(const DnsFacts& facts, const Expectation& expectation) {
    AddressVerdict verdict;
    for (const IpAddress& address : addresses_of(facts)) {
        const Outcome outcome = judge_address(address, facts.source, expectation);
        if (outcome != Outcome::ok) {
            add_bad(verdict, outcome, bad_address_text(address, outcome, expectation));
        }
    }
    return verdict;
}

AddressVerdict judge_public_name(const DnsFacts& facts, const Expectation& expectation) {
    AddressVerdict verdict;
    for (const IpAddress& address : addresses_of(facts)) {
        const bool of_host =
            std::ranges::find(expectation.host_addresses, address) != expectation.host_addresses.end();
        if (of_host || within(expectation.expect, address)) {
            add_bad(verdict, Outcome::unexpected_address,
                    address.to_string() + " is the private endpoint's address");
        } else if (address_space(address) == AddressSpace::special ||
                   (expectation.private_space && address_space(address) == AddressSpace::private_space)) {
            add_bad(verdict, Outcome::unexpected_address, address.to_string() + " is not a public address");
        }
    }
    return verdict;
}

/// The name that must not exist. Only an address counts: whatever else comes says nothing about the zone.
Classification judge_control(Classification result, const DnsFacts& facts) {
    const std::vector<IpAddress> addresses = addresses_of(facts);
    if (!addresses.empty()) {
        result.outcome = Outcome::unexpected_address;
        result.detail = "a name that does not exist was answered with " + addresses_text(addresses);
        return result;
    }
    result.counts = false;
    if (result.outcome == Outcome::nxdomain || result.outcome == Outcome::nodata) {
        result.outcome = Outcome::ok;
        result.detail = "does not resolve, as it must not";
    } else {
        result.detail += "; this says nothing about the zone";
    }
    return result;
}

void append(std::string& text, const std::string& more) {
    if (!more.empty()) {
        text += (text.empty() ? "" : "; ") + more;
    }
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
    for (const DnsQuery& query : facts.queries) {
        result.query_outcomes.push_back(classify_query(query, facts.resolver));
    }
    const bool has_address =
        std::ranges::find(result.query_outcomes, Outcome::ok) != result.query_outcomes.end();
    const bool from_resolver = facts.source == probes::NameSource::resolver;
    result.outcome = has_address ? Outcome::ok : without_address(result.query_outcomes);
    result.detail = has_address && !from_resolver ? "" : failing_text(facts, result.query_outcomes);
    if (facts.role == NameRole::control) {
        return judge_control(std::move(result), facts);
    }
    if (has_address) {
        const AddressVerdict verdict = facts.role == NameRole::public_host
                                           ? judge_public_name(facts, expectation)
                                           : judge_private_name(facts, expectation);
        result.outcome = verdict.outcome;
        if (verdict.outcome != Outcome::ok) {
            std::string said = join(verdict.said);
            append(said, cname_text(facts));
            append(said, result.detail);
            result.detail = said;
        }
    }
    if (from_resolver && !facts.hosts_file.empty()) {
        result.counts = !facts.from_system;
        append(result.detail, "the hosts file gives " + addresses_text(facts.hosts_file) +
                                  " for this name, which is what applications on this VM get");
    }
    return result;
}

}  // namespace whylink::checks
