// Private DNS: zones, their links and records, and what private endpoints keep in them.
#include <algorithm>
#include <array>
#include <utility>

#include "config/dns_name.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/parse_page.hpp"
#include "control/azure/resource_id.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

std::optional<DnsZone> zone_of(const json& item) {
    DnsZone zone;
    zone.id = json_text(item, "id");
    zone.name = canonical_name(json_text(item, "name"));
    if (zone.id.empty() || zone.name.empty()) {
        return std::nullopt;
    }
    if (const auto id = ResourceId::parse(zone.id)) {
        zone.owner = id->subscription;
    }
    return zone;
}

std::optional<ZoneLink> link_of(const json& item) {
    ZoneLink link;
    link.id = json_text(item, "id");
    link.network = json_text(item, "properties.virtualNetwork.id");
    if (link.network.empty()) {
        return std::nullopt;
    }
    link.state = json_text(item, "properties.virtualNetworkLinkState");
    link.resolution_policy = json_text(item, "properties.resolutionPolicy");
    link.registration = json_flag(item, "properties.registrationEnabled");
    return link;
}

/// "A" of "Microsoft.Network/privateDnsZones/A".
std::string type_of(const json& item) {
    const std::string type = json_text(item, "type");
    return type.substr(type.rfind('/') + 1);
}

std::vector<std::string> values_of(const json& item) {
    constexpr std::array<std::pair<const char*, const char*>, 2> lists{
        std::pair{"properties.aRecords", "ipv4Address"}, std::pair{"properties.aaaaRecords", "ipv6Address"}};
    std::vector<std::string> values;
    for (const auto& [list, member] : lists) {
        for (std::string& value : json_texts(item, list, member)) {
            values.push_back(std::move(value));
        }
    }
    if (const std::string name = json_text(item, "properties.cnameRecord.cname"); !name.empty()) {
        values.push_back(canonical_name(name));
    }
    return values;
}

std::optional<DnsRecord> record_of(const json& item) {
    DnsRecord record;
    record.name = canonical_name(json_text(item, "properties.fqdn"));
    record.type = type_of(item);
    if (record.name.empty() || record.type.empty()) {
        return std::nullopt;
    }
    record.ttl = json_number(item, "properties.ttl");
    record.values = values_of(item);
    return record;
}

void add_kept_records(ZoneGroup& group, const json& zone) {
    const auto* sets = json_list(zone, "properties.recordSets");
    if (sets == nullptr) {
        return;
    }
    for (const json& set : *sets) {
        DnsRecord record;
        record.name = canonical_name(json_text(set, "fqdn"));
        record.type = json_text(set, "recordType");
        record.ttl = json_number(set, "ttl");
        record.values = json_texts(set, "ipAddresses");
        record.kept_by = group.endpoint;
        if (!record.name.empty()) {
            group.records.push_back(std::move(record));
        }
    }
}

std::optional<ZoneGroup> zone_group_of(const json& item) {
    ZoneGroup group;
    group.endpoint = parent_of(json_text(item, "id"));
    const auto* zones = json_list(item, "properties.privateDnsZoneConfigs");
    if (group.endpoint.empty() || zones == nullptr) {
        return std::nullopt;
    }
    for (const json& zone : *zones) {
        if (std::string id = json_text(zone, "properties.privateDnsZoneId"); !id.empty()) {
            group.zones.push_back(std::move(id));
        }
        add_kept_records(group, zone);
    }
    return group;
}

}  // namespace

Parsed<DnsZone> parse_private_dns_zones(std::string_view body) {
    return parse_arm<DnsZone>(body, zone_of);
}

Parsed<ZoneLink> parse_zone_links(std::string_view body) {
    return parse_arm<ZoneLink>(body, link_of);
}

Parsed<DnsRecord> parse_record_sets_of_zone(std::string_view body) {
    return parse_arm<DnsRecord>(body, record_of);
}

Parsed<ZoneGroup> parse_zone_groups(std::string_view body) {
    return parse_arm<ZoneGroup>(body, zone_group_of);
}

}  // namespace whylink::control
