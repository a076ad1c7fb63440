// Private DNS by Route 53: the zones of a VPC and their records.
#include "config/dns_name.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/parse_page.hpp"

namespace whylink::control {

namespace {

DnsZone zone_of(const pugi::xml_node& item) {
    constexpr std::string_view prefix = "/hostedzone/";
    DnsZone zone;
    zone.id = text_of(item, "HostedZoneId");
    if (zone.id.starts_with(prefix)) {
        zone.id.erase(0, prefix.size());
    }
    zone.name = name_of(item, "Name");
    const pugi::xml_node owner = item.child("Owner");
    zone.owner = text_of(owner, "OwningAccount");
    if (zone.owner.empty()) {
        zone.owner = text_of(owner, "OwningService");
    }
    return zone;
}

DnsRecord record_of(const pugi::xml_node& item) {
    DnsRecord record;
    record.name = name_of_record(text_of(item, "Name"));
    record.type = text_of(item, "Type");
    record.ttl = number_of(item, "TTL");
    for (const pugi::xml_node& value : items_of(item, "ResourceRecords", "ResourceRecord")) {
        record.values.push_back(text_of(value, "Value"));
    }
    record.alias = name_of(item.child("AliasTarget"), "DNSName");
    return record;
}

/// Where the next page of records begins: name, type and, of several records of one, its identifier.
std::optional<std::string> next_record(const pugi::xml_node& root) {
    const std::optional<bool> truncated = bool_of(root, "IsTruncated");
    if (!truncated || !*truncated) {
        return truncated ? std::optional(std::string()) : std::nullopt;
    }
    std::string next;
    for (const char* part : {"NextRecordName", "NextRecordType", "NextRecordIdentifier"}) {
        const auto token = token_of(root, part);
        if (!token || token->find(' ') != std::string::npos) {
            return std::nullopt;
        }
        next += (next.empty() || token->empty() ? "" : " ") + *token;
    }
    return next;
}

}  // namespace

std::string name_of_record(std::string_view text) {
    constexpr std::string_view asterisk = "\\052";
    std::string name = canonical_name(text);
    if (name.starts_with(asterisk)) {
        name.replace(0, asterisk.size(), "*");
    }
    return name;
}

Parsed<DnsZone> parse_hosted_zones_by_vpc(std::string_view body) {
    constexpr PageShape shape{"ListHostedZonesByVPCResponse", "HostedZoneSummaries", nullptr, "NextToken",
                              "HostedZoneSummary"};
    return parse_page<DnsZone>(body, shape, zone_of);
}

Parsed<DnsRecord> parse_record_sets(std::string_view body) {
    constexpr PageShape shape{"ListResourceRecordSetsResponse", "ResourceRecordSets", nullptr,
                              "NextRecordName", "ResourceRecordSet"};
    auto page = parse_page<DnsRecord>(body, shape, record_of);
    pugi::xml_document document;
    if (!page || !parse_xml(document, body)) {
        return std::nullopt;
    }
    auto next = next_record(document.document_element());
    if (!next) {
        return std::nullopt;
    }
    page->next = std::move(*next);
    return page;
}

}  // namespace whylink::control
