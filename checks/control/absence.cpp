#include "checks/control/absence.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "checks/control/matches.hpp"
#include "checks/control/region_of_name.hpp"
#include "config/ascii.hpp"
#include "config/outside_text.hpp"

namespace whylink::control {
namespace {

constexpr std::string_view of_azure = "/subscriptions/";

bool is_of_azure(std::string_view id) {
    return lower_case(id.substr(0, of_azure.size())) == of_azure;
}

/// "1111…" of "/subscriptions/1111…/resourceGroups/…".
std::string subscription_of(std::string_view id) {
    id.remove_prefix(of_azure.size());
    return lower_case(id.substr(0, id.find('/')));
}

/// `account`: empty: of any. `scope`: empty: not known, and any counts.
bool has_listing(const Facts& facts, std::string_view account, std::string_view read,
                 const std::string& scope) {
    return std::ranges::any_of(facts.complete, [&](const CompleteListing& listing) {
        return listing.read == read && (account.empty() || listing.origin.account == account) &&
               (scope.empty() || lower_case(listing.scope) == lower_case(scope));
    });
}

std::string scope_of(const EndpointService& service) {
    return is_of_azure(service.id) ? subscription_of(service.id) : region_of_name(service.name);
}

/// By the target's names; else that of this host, whose network the endpoint is in.
std::string region_of(const Facts& facts, const Subject& subject) {
    std::string region = region_of_names(std::span(&subject, 1));
    if (!region.empty()) {
        return region;
    }
    const auto here = std::ranges::find(facts.instances, config::Cloud::aws, &Instance::cloud);
    return here == facts.instances.end() ? std::string() : here->region;
}

}  // namespace

bool has_all_endpoints(const Facts& facts, const Endpoint& of) {
    const bool azure = is_of_azure(of.id);
    return has_listing(facts, of.origin.account, azure ? "private_endpoint" : "vpc_endpoint",
                       azure ? subscription_of(of.id) : of.region);
}

bool has_all_services(const Facts& facts, const EndpointService& of) {
    return has_listing(facts, of.origin.account, is_of_azure(of.id) ? "private_link_service" : "service",
                       scope_of(of));
}

bool has_all_connections(const Facts& facts, const Connection& of) {
    const auto service = std::ranges::find_if(
        facts.services, [&](const EndpointService& each) { return same_id(each.id, of.service); });
    return has_listing(facts, of.origin.account, "connection",
                       service == facts.services.end() ? std::string() : scope_of(*service));
}

bool has_all_zones(const Facts& facts, const DnsZone& of, const std::string& network) {
    const bool by_network = std::ranges::any_of(facts.network_zones, [&](const NetworkZones& zones) {
        return same_id(zones.network, network) && zones.zones.complete;
    });
    return by_network || has_listing(facts, of.origin.account, "private_dns_zone", {});
}

bool has_all_zone_groups(const Facts& facts, const Endpoint& of) {
    return has_listing(facts, of.origin.account, "private_dns_zone_group", of.id);
}

bool is_gone(const Facts& facts, const Subject& subject) {
    const std::string& id = subject.endpoint_id;
    if (is_cut(id) || endpoint_by_id(facts, id) != nullptr) {
        return false;
    }
    if (is_of_azure(id)) {
        return has_listing(facts, {}, "private_endpoint", subscription_of(id));
    }
    return id.starts_with("vpce-") && has_listing(facts, {}, "vpc_endpoint", region_of(facts, subject));
}

}  // namespace whylink::control
