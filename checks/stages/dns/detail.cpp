#include "checks/stages/dns/detail.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "checks/explain/text.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/extended_error.hpp"
#include "checks/stages/dns/negative.hpp"
#include "checks/stages/dns/special_ranges.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::DnsQuery;
using probes::NameRole;

/// The whole chain: a hop through a `privatelink.` name that ends at a public address says that the private
/// zone is not linked here.
std::string chain_text(const DnsQuery& query) {
    constexpr std::size_t most = 8;
    std::vector<std::string> names = query.cnames;
    if (names.size() > most) {
        // The last is what the addresses belong to.
        const std::size_t further = names.size() - most + query.cnames_left_out;
        names.erase(names.begin() + most - 1, names.end() - 1);
        names.insert(names.end() - 1, fmt::format("({} more)", further));
    }
    std::string text = "CNAME";
    for (const std::string& name : names) {
        text += (&name == &names.front() ? " " : " → ") + name;
    }
    return text;
}

std::string result_text(const DnsQuery& query, Outcome outcome) {
    if (query.referral) {
        return query.without_recursion ? "referral to other servers, no recursion offered (RA not set)"
                                       : "referral to other servers";
    }
    return outcome == Outcome::nodata ? "NODATA" : rcode_text(*query.rcode);
}

std::string reply_text(const DnsQuery& query, Outcome outcome) {
    std::string text = result_text(query, outcome);
    append(text, negative_text(query), " ");
    append(text, query.cnames.empty() ? "" : "at the end of " + chain_text(query), ", ");
    append(text, extended_errors_text(query), ", ");
    return text;
}

std::string no_reply_text(const DnsQuery& query) {
    const std::string took = duration_text(query.took);
    if (query.bad_replies > 0) {
        return fmt::format("no valid reply within {}: {} invalid{}", took, query.bad_replies,
                           query.bad_reply.empty() ? "" : fmt::format(" ({})", query.bad_reply));
    }
    const std::string queries =
        query.sent > 0 ? fmt::format(": {} {} in ", query.sent, query.sent == 1 ? "query" : "queries")
                       : std::string(" within ");
    std::string text =
        query.truncated ? "truncated reply over UDP, no reply over TCP within " : "no reply" + queries;
    text += took;
    append(text, query.icmp ? icmp_text(*query.icmp) : "", ", ");
    append(text, query.error != 0 ? errno_text(query.error) : "", ", ");
    append(text,
           query.reply_from ? fmt::format("a reply came from {} instead", query.reply_from->to_string()) : "",
           ", ");
    return text;
}

/// One text for all types that it is true of. That a name with an address has none of the other family is ordinary.
std::string failing_text(const DnsFacts& facts, const std::vector<Outcome>& outcomes) {
    const bool resolves = has_address(outcomes);
    std::vector<std::pair<std::string, std::vector<std::string>>> parts;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const DnsQuery& query = facts.queries[i];
        if (outcomes[i] == Outcome::ok || (resolves && outcomes[i] == Outcome::nodata)) {
            continue;
        }
        std::string said = query.rcode ? reply_text(query, outcomes[i]) : no_reply_text(query);
        auto same = std::ranges::find(parts, said, &std::pair<std::string, std::vector<std::string>>::first);
        if (same == parts.end()) {
            parts.emplace_back(std::move(said), std::vector<std::string>());
            same = std::prev(parts.end());
        }
        same->second.emplace_back(slug(query.type));
    }
    std::string text;
    for (const auto& [said, types] : parts) {
        append(text, fmt::format("{}: {}", join(types), said));
    }
    return text;
}

/// What is odd about the way to the answers, and who it concerns; each once for all types.
std::string way_text(const DnsFacts& facts) {
    std::string text;
    const auto any = [&facts](bool DnsQuery::*what) {
        return std::ranges::any_of(facts.queries, [what](const DnsQuery& query) { return query.*what; });
    };
    append(text, any(&DnsQuery::edns_unanswered) ? "answers only queries without EDNS" : "");
    const auto answered =
        std::ranges::find_if(facts.queries, [](const DnsQuery& query) { return !query.answers.empty(); });
    append(text, answered == facts.queries.end() ? "" : extended_errors_text(*answered));
    return text;
}

/// The C library waits for both types before it gives the address of one (getaddrinfo(3)).
std::string waiting_text(const DnsFacts& facts, const std::vector<Outcome>& outcomes) {
    const bool silent = std::ranges::find(outcomes, Outcome::timeout) != outcomes.end();
    if (!silent || !has_address(outcomes) || !facts.options) {
        return {};
    }
    return fmt::format("programs that query both types wait {} s per lookup",
                       facts.options->timeout * facts.options->attempts);
}

/// It falls back on some errors only, and not on silence.
std::string edns_text(const DnsFacts& facts) {
    const bool lost = facts.options && facts.options->edns0 &&
                      std::ranges::any_of(facts.queries, &DnsQuery::edns_unanswered);
    return lost ? fmt::format("programs on the C library send EDNS (`options edns0`) and give up after {} s",
                              facts.options->timeout * facts.options->attempts)
                : std::string();
}

/// Programs that use the C library go by nsswitch.conf(5).
std::string lookup_end_text(const DnsFacts& facts) {
    const bool ends = facts.options && !facts.options->ends_at.empty() && facts.hosts_file.empty();
    return ends ? fmt::format("/etc/nsswitch.conf ends lookups of programs at {}, before DNS",
                              facts.options->ends_at)
                : std::string();
}

std::string_view special_text(const IpAddress& address) {
    const IpAddress judged = address.embedded_v4().value_or(address);
    const auto bytes = judged.bytes();
    if (is_metadata_service(judged)) {
        return "the address of a cloud's metadata service";
    }
    if (std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; })) {
        return "the unspecified address";
    }
    if (judged.is_v4()) {
        return bytes[0] == 127    ? "a loopback address"
               : bytes[0] == 169  ? "a link-local address"
               : bytes[0] == 0xff ? "the broadcast address"
               : bytes[0] == 0    ? "an address of this network only (0.0.0.0/8)"
                                  : "a multicast address";
    }
    const bool loopback = judged == IpAddress::parse("::1");
    return loopback           ? "a loopback address"
           : bytes[0] == 0xff ? "a multicast address"
           : bytes[0] == 0xfe ? "a link-local address"
                              : "a special IPv4 address inside an IPv6 one";
}

std::string expect_text(std::span<const Cidr> expect) {
    std::vector<std::string> parts;
    for (const Cidr& block : expect) {
        parts.push_back(block.to_string());
    }
    return join(parts, " or ");
}

std::string bad_address_text(const BadAddress& bad, const Expectation& expectation) {
    const auto& [address, outcome, own] = bad;
    if (const SpecialRange* range = special_range_of(address)) {
        return fmt::format("{} is {}", address.to_string(), range->meaning);
    }
    if (outcome == Outcome::public_address) {
        return address.to_string() + " is a public address";
    }
    if (address_space(address) == AddressSpace::special) {
        return fmt::format("{} is {}", address.to_string(), special_text(address));
    }
    if (own) {
        return address.to_string() + " is an address of this host and not in `expect`";
    }
    return fmt::format("{} is outside `expect` ({})", address.to_string(), expect_text(expectation.expect));
}

std::string cname_text(const DnsFacts& facts) {
    for (const DnsQuery& query : facts.queries) {
        if (!query.cnames.empty() && !query.answers.empty()) {
            return chain_text(query);
        }
    }
    return {};
}

std::string bad_public_text(const IpAddress& address, const Expectation& expectation) {
    return address.to_string() + (is_of_private_host(address, expectation)
                                      ? " is the private endpoint's address"
                                      : " is not a public address");
}

/// Of the first few.
std::string bad_addresses_text(const DnsFacts& facts, const Expectation& expectation) {
    constexpr std::size_t most = 4;
    std::vector<std::string> parts;
    for (const BadAddress& bad : bad_addresses(facts, expectation)) {
        if (parts.size() < most) {
            parts.push_back(facts.role == NameRole::public_host ? bad_public_text(bad.address, expectation)
                                                                : bad_address_text(bad, expectation));
        }
    }
    return join(parts);
}

/// An answer of a family of which nothing was probed while the other was: this host has no route for it.
std::string skipped_family_text(const DnsFacts& dns, const std::set<IpAddress>& probed) {
    std::vector<IpAddress> skipped = addresses_of(dns);
    std::erase_if(skipped, [&](const IpAddress& answer) {
        return std::ranges::any_of(
            probed, [&](const IpAddress& address) { return address.is_v4() == answer.is_v4(); });
    });
    return skipped.empty() ? std::string()
                           : fmt::format("no {} route on this host: {} not probed",
                                         skipped.front().is_v4() ? "IPv4" : "IPv6", addresses_text(skipped));
}

/// A name may have more addresses than a round tries.
std::string left_out_text(const DnsFacts& dns, const std::set<IpAddress>& probed) {
    const std::vector<IpAddress> answers = addresses_of(dns);
    std::size_t further = 0;
    for (const DnsQuery& query : dns.queries) {
        further += query.answers_left_out;
    }
    const auto left_out =
        further + static_cast<std::size_t>(std::ranges::count_if(
                      answers, [&](const IpAddress& answer) { return !probed.contains(answer); }));
    return left_out == 0 ? std::string()
                         : fmt::format("{} of {} addresses not probed", left_out, answers.size() + further);
}

}  // namespace

std::string dns_detail(const DnsFacts& facts, const Expectation& expectation) {
    const std::vector<Outcome> outcomes = query_outcomes(facts);
    const bool by_hosts_file = facts.source == probes::NameSource::hosts_file;
    std::string text;
    if (has_address(outcomes)) {
        text = bad_addresses_text(facts, expectation);
        append(text, text.empty() ? "" : cname_text(facts));
    }
    append(text, has_address(outcomes) && by_hosts_file ? "" : failing_text(facts, outcomes));
    append(text, way_text(facts));
    append(text, edns_text(facts));
    append(text, waiting_text(facts, outcomes));
    append(text, lookup_end_text(facts));
    append(text, is_shadowed(facts) ? "the hosts file gives " + addresses_text(facts.hosts_file) +
                                          "; programs on this host use that"
                                    : "");
    return text;
}

std::string failing_text(const DnsFacts& facts) {
    return failing_text(facts, query_outcomes(facts));
}

std::string not_probed_text(const DnsFacts& facts, const std::set<IpAddress>& probed) {
    std::string text = skipped_family_text(facts, probed);
    return text.empty() ? left_out_text(facts, probed) : text;
}

}  // namespace whylink::checks
