#include "checks/stages/dns/negative.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "checks/stages/dns/dns.hpp"
#include "config/privatelink_name.hpp"

namespace whylink::checks {
namespace {

using probes::DnsQuery;
using probes::NegativeAuthority;

// What the clouds' private DNS services name as primary server (MNAME) in the zones that they make: Azure
// (Microsoft.Network/privateDnsZones, the default soaRecord) and Google Cloud DNS (private managed zones). Route 53 uses
// the same servers' names for public zones, so its private zones cannot be told.
constexpr std::string_view private_servers[]{"azureprivatedns.net", "ns-gcp-private.googledomains.com"};

/// Such a zone is served to private networks only: it is a private link's by its name, or its SOA record names the
/// private DNS service of a cloud.
bool is_private_zone(const NegativeAuthority& authority) {
    return config::is_privatelink_name(authority.zone) ||
           std::ranges::find(private_servers, authority.server) != std::end(private_servers);
}

bool says(const JudgedProbe& probe, Outcome outcome) {
    return std::ranges::find(probe.query_outcomes, outcome) != probe.query_outcomes.end();
}

}  // namespace

const NegativeAuthority* negative_authority(const probes::DnsFacts& facts) {
    const auto query = std::ranges::find_if(
        facts.queries, [](const DnsQuery& asked) { return asked.authority.has_value(); });
    return query == facts.queries.end() ? nullptr : &*query->authority;
}

bool is_denied_by_private_zone(const JudgedProbe& probe) {
    const auto* facts = probe.dns();
    const NegativeAuthority* authority = facts == nullptr ? nullptr : negative_authority(*facts);
    return authority != nullptr && saying_of(probe.outcome) == Saying::missing && is_private_zone(*authority);
}

bool contradicts_itself(const JudgedProbe& probe) {
    return says(probe, Outcome::nxdomain) && says(probe, Outcome::nodata);
}

std::string negative_text(const DnsQuery& query) {
    if (!query.authority) {
        return {};
    }
    const NegativeAuthority& authority = *query.authority;
    const std::string zone = fmt::format("from zone {}", authority.zone.empty() ? "." : authority.zone);
    return query.authoritative ? zone : fmt::format("{}, cached for up to {} s more", zone, authority.ttl);
}

}  // namespace whylink::checks
