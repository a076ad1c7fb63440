#include "checks/control/private_zones.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <vector>

#include "checks/control/absence.hpp"
#include "checks/control/matches.hpp"
#include "config/ascii.hpp"
#include "config/dns_name.hpp"

namespace whylink::control {
namespace {

std::vector<std::string> names_of(const Subject& subject) {
    std::vector<std::string> names{canonical_name(subject.host)};
    std::ranges::transform(subject.names, std::back_inserter(names),
                           [](const std::string& name) { return canonical_name(name); });
    return names;
}

/// The name that the zone answers for; empty: none.
std::string name_in(std::span<const std::string> names, const std::string& zone) {
    const std::string canonical = canonical_name(zone);
    const auto found =
        std::ranges::find_if(names, [&](const std::string& name) { return is_in_zone(name, canonical); });
    return found == names.end() ? std::string() : *found;
}

/// "vnet-app" of its Resource ID.
std::string short_id(std::string_view id) {
    return std::string(id.substr(id.rfind('/') + 1));
}

bool is_record_of(const DnsRecord& record, const std::string& name) {
    const std::string own = canonical_name(record.name);
    const bool wildcard = own.starts_with("*.") && name.ends_with(own.substr(1));
    return (own == name || wildcard) &&
           (record.type == "A" || record.type == "AAAA" || record.type == "CNAME");
}

/// Azure keeps the records of an endpoint with sub-resources by its zone group. Empty: it does, or that is not known.
std::string group_text(const Facts& facts, const DnsZone& zone, const Endpoint* endpoint) {
    if (endpoint == nullptr || endpoint->group_ids.empty() || !has_all_zone_groups(facts, *endpoint)) {
        return {};
    }
    bool any = false;
    for (const ZoneGroup& group : facts.zone_groups) {
        if (!same_id(group.endpoint, endpoint->id)) {
            continue;
        }
        any = true;
        if (std::ranges::any_of(group.zones, [&](const std::string& id) { return same_id(id, zone.id); })) {
            return {};
        }
    }
    return any ? fmt::format("; the DNS zone group of {} has other zones", short_id(endpoint->id))
               : fmt::format("; {} has no DNS zone group", short_id(endpoint->id));
}

PrivateDns in_linked_zone(const Facts& facts, const DnsZone& zone, const std::string& name,
                          const Endpoint* endpoint) {
    const bool found = std::ranges::any_of(
        zone.records.items, [&](const DnsRecord& record) { return is_record_of(record, name); });
    const bool asked = std::ranges::any_of(
        zone.asked, [&](const std::string& each) { return canonical_name(each) == name; });
    if (found) {
        return {true, {}};
    }
    return zone.records.complete && asked
               ? PrivateDns{false, fmt::format("zone {} has no record for {}{}", zone.name, name,
                                               group_text(facts, zone, endpoint))}
               : PrivateDns{};
}

/// What one zone says, and whether names of the network are looked up in it.
struct ZoneSays {
    std::string zone;  ///< canonical
    std::optional<bool> linked;
    PrivateDns dns;
};

/// A zone that is not linked matters where no other one may be.
ZoneSays in_zone(const Facts& facts, const DnsZone& zone, const std::string& name, const std::string& network,
                 const Endpoint* endpoint) {
    ZoneSays says{canonical_name(zone.name), {}, {}};
    const auto link = std::ranges::find_if(
        zone.links.items, [&](const ZoneLink& known) { return same_id(known.network, network); });
    if (link == zone.links.items.end()) {
        says.linked = zone.links.complete ? std::optional(false) : std::nullopt;
        if (zone.links.complete && has_all_zones(facts, zone, network)) {
            says.dns = {false, fmt::format("zone {} has no link to {}", zone.name, short_id(network))};
        }
    } else if (!link->state.empty() && lower_case(link->state) != "completed") {
        says.linked = false;
        says.dns = {
            false, fmt::format("the link of zone {} to {} is {}", zone.name, short_id(network), link->state)};
    } else {
        says.linked = true;
        says.dns = in_linked_zone(facts, zone, name, endpoint);
    }
    return says;
}

/// One that answers is enough, and one that is not known leaves all open.
PrivateDns together(std::span<const PrivateDns> all) {
    PrivateDns sum;
    bool open = false;
    for (const PrivateDns& one : all) {
        if (one.answers == true) {
            return one;
        }
        open = open || !one.answers;
        // A linked zone without the record says more than one that is not linked.
        if (one.answers && (!sum.answers || one.missing.find("no record") != std::string::npos)) {
            sum = one;
        }
    }
    return open ? PrivateDns{} : sum;
}

/// The most specific zone that is linked decides, and hides the broader ones: of a more specific one it has to be known
/// that it is not linked. Two of one name are never linked to one network, so that these are one zone, read twice.
PrivateDns for_name(std::span<const ZoneSays> zones) {
    std::size_t longest = 0;
    std::size_t longest_open = 0;
    for (const ZoneSays& each : zones) {
        if (each.linked == true) {
            longest = std::max(longest, each.zone.size());
        } else if (!each.linked) {
            longest_open = std::max(longest_open, each.zone.size());
        }
    }
    if (longest > 0 && longest_open > longest) {
        return {};
    }
    std::vector<PrivateDns> said;
    for (const ZoneSays& each : zones) {
        if (longest == 0 || (each.linked == true && each.zone.size() == longest)) {
            said.push_back(each.dns);
        }
    }
    return together(said);
}

PrivateDns in_zones(const Facts& facts, std::span<const std::string> names, const std::string& network,
                    const Endpoint* endpoint) {
    std::map<std::string, std::vector<ZoneSays>> by_name;
    for (const DnsZone& zone : facts.zones) {
        const std::string name = name_in(names, zone.name);
        if (!name.empty()) {
            by_name[name].push_back(in_zone(facts, zone, name, network, endpoint));
        }
    }
    std::vector<PrivateDns> said;
    std::ranges::transform(by_name, std::back_inserter(said),
                           [](const auto& zones) { return for_name(zones.second); });
    return together(said);
}

const Network* network_by_id(const Facts& facts, const std::string& id) {
    const auto found =
        std::ranges::find_if(facts.networks, [&](const Network& network) { return same_id(network.id, id); });
    return found == facts.networks.end() ? nullptr : &*found;
}

/// What is off for the whole network.
std::string switched_off(const Network& network) {
    const char* attribute = network.dns_support == false     ? "enableDnsSupport"
                            : network.dns_hostnames == false ? "enableDnsHostnames"
                                                             : nullptr;
    return attribute == nullptr ? std::string() : fmt::format("{} of {} is off", attribute, network.id);
}

/// The network asks DNS servers of its own, and zones answer in the network of those.
bool asks_elsewhere(const Network& network) {
    const IpAddress azure = IpAddress::v4({168, 63, 129, 16});
    return std::ranges::any_of(network.dns_servers, [&](const IpAddress& server) { return server != azure; });
}

/// No zone was read; the list of those that answer in the network may still say that there is none.
PrivateDns by_network_zones(const Facts& facts, std::span<const std::string> names,
                            const std::string& network, const Endpoint* endpoint) {
    const auto listed = std::ranges::find_if(
        facts.network_zones, [&](const NetworkZones& zones) { return same_id(zones.network, network); });
    if (listed == facts.network_zones.end() || !listed->zones.complete) {
        return {};
    }
    const bool there = std::ranges::any_of(
        listed->zones.items, [&](const std::string& zone) { return !name_in(names, zone).empty(); });
    if (there) {
        return {};
    }
    if (endpoint != nullptr && endpoint->private_dns == false) {
        return {false, fmt::format("private DNS of {} is off", endpoint->id)};
    }
    return {false, fmt::format("no private zone in {} has {}", short_id(network), names.front())};
}

}  // namespace

PrivateDns private_dns(const Facts& facts, const Subject& subject, const std::string& network,
                       const Endpoint* endpoint) {
    if (network.empty() || subject.host.empty() || IpAddress::parse(subject.host)) {
        return {};
    }
    if (const Network* own = network_by_id(facts, network)) {
        if (std::string off = switched_off(*own); !off.empty()) {
            return {false, std::move(off)};
        }
        if (asks_elsewhere(*own)) {
            return {};
        }
    }
    const std::vector<std::string> names = names_of(subject);
    const bool any_zone = std::ranges::any_of(
        facts.zones, [&](const DnsZone& zone) { return !name_in(names, zone.name).empty(); });
    return any_zone ? in_zones(facts, names, network, endpoint)
                    : by_network_zones(facts, names, network, endpoint);
}

}  // namespace whylink::control
