// Private DNS of the targets: the zones that their names are in, the networks that these are linked to, and the records.
#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "checks/control/matches.hpp"
#include "config/dns_name.hpp"
#include "control/azure/consumer.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/words.hpp"

namespace whylink::control {

namespace {

constexpr std::string_view zone_read = "private_dns_zone";
constexpr std::string_view group_read = "private_dns_zone_group";
/// Names of one zone that are asked for, wildcards included.
constexpr std::size_t max_asked = 24;

/// The host and what it leads to, in this order.
std::vector<std::string> names_of(const Subject& subject) {
    std::vector<std::string> names{canonical_name(subject.host)};
    for (const std::string& name : subject.names) {
        names.push_back(canonical_name(name));
    }
    return names;
}

/// "a.b" of "a.b.zone"; "@" of the zone itself.
std::string relative(std::string_view name, std::string_view zone) {
    return name == zone ? "@" : std::string(name.substr(0, name.size() - zone.size() - 1));
}

std::string full(std::string_view record, std::string_view zone) {
    return record == "@" ? std::string(zone) : std::string(record) + "." + std::string(zone);
}

}  // namespace

/// Of the endpoints that are used.
void AzureConsumer::read_zone_groups() {
    std::vector<std::pair<std::string, ResourceId>> endpoints;
    for (const Endpoint& endpoint : endpoints_) {
        const auto id = ResourceId::parse(endpoint.id);
        if (id && arm_.is_wanted(endpoint.id)) {
            endpoints.emplace_back(endpoint.id, *id);
        }
    }
    for (const auto& [endpoint, id] : endpoints) {
        auto listed = arm_.list(arm_.of_resource(Op::arm_zone_groups, id), parse_zone_groups);
        const Targets targets = arm_.targets_of(endpoint);
        if (listed.complete) {
            arm_.mark_complete(group_read, listed.reply, endpoint);
        } else {
            arm_.fail(group_read, listed.reply, targets);
        }
        for (ZoneGroup& group : listed.items) {
            add_azure_words(arm_.say(group_read, listed.reply, targets), group);
            arm_.facts().zone_groups.push_back(std::move(group));
        }
    }
}

void AzureConsumer::read_zones() {
    auto listed = arm_.list(arm_.of_subscription(Op::arm_private_dns_zones), parse_private_dns_zones);
    if (!listed.complete) {
        arm_.fail(zone_read, listed.reply, arm_.all_targets());
    } else {
        arm_.mark_complete(zone_read, listed.reply);
    }
    add_zones_of_groups(listed.items);
    for (DnsZone& zone : listed.items) {
        const Targets targets = targets_in(zone);
        if (!targets.empty()) {
            arm_.want(zone.id, targets);
            read_zone(std::move(zone));
        }
    }
}

/// Zones are often in a subscription of the network's, which the groups of endpoints name.
void AzureConsumer::add_zones_of_groups(std::vector<DnsZone>& zones) const {
    for (const ZoneGroup& group : arm_.facts().zone_groups) {
        for (const std::string& text : group.zones) {
            const auto id = ResourceId::parse(text);
            const bool is_known = std::ranges::any_of(
                zones, [&](const DnsZone& zone) { return same_without_case(zone.id, text); });
            if (id && id->is("privateDnsZones") && !is_known) {
                DnsZone& zone = zones.emplace_back();
                zone.origin = group.origin;
                zone.id = text;
                zone.name = canonical_name(id->names.front());
                zone.owner = id->subscription;
            }
        }
    }
}

Targets AzureConsumer::targets_in(const DnsZone& zone) const {
    Targets targets;
    for (const Subject* subject : subjects_) {
        if (std::ranges::any_of(names_of(*subject),
                                [&](const std::string& name) { return is_in_zone(name, zone.name); })) {
            targets.insert(subject->target);
        }
    }
    return targets;
}

/// The last name of the zone, which must have an address, and each wildcard that would answer for it. A name that leads
/// to another one of the zone has a CNAME, which is not asked for. Without a record the chain goes on outside of the zone.
AzureConsumer::Ids AzureConsumer::asked_of(const DnsZone& zone) const {
    Ids asked;
    for (const Subject* subject : subjects_) {
        std::string record;
        for (const std::string& name : names_of(*subject)) {
            record = is_in_zone(name, zone.name) ? relative(name, zone.name) : record;
        }
        if (record.empty()) {
            continue;
        }
        asked.insert(record);
        while (record != "@" && record != "*") {
            const std::size_t dot = record.find('.', record.starts_with("*.") ? 2 : 0);
            record = dot == std::string::npos ? "*" : "*" + record.substr(dot);
            asked.insert(record);
        }
    }
    return asked;
}

void AzureConsumer::read_zone(DnsZone zone) {
    const auto id = ResourceId::parse(zone.id);
    if (!id || !id->is("privateDnsZones")) {
        return;
    }
    const Targets targets = arm_.targets_of(zone.id);
    auto links = arm_.list(arm_.of_zone(Op::arm_zone_links, *id), parse_zone_links);
    zone.links = {std::move(links.items), links.complete};
    zone.origin = arm_.origin(links.reply);
    if (!links.complete) {
        arm_.fail("private_dns_zone_links", links.reply, targets);
    }
    read_records(zone);
    mark_kept(zone);
    if (links.complete || zone.records.complete) {
        Reply reply;
        reply.result = Result::ok;
        reply.read_at = zone.origin.read_at;
        add_azure_words(arm_.say(zone_read, reply, targets), zone);
    }
    arm_.facts().zones.push_back(std::move(zone));
}

/// A record that is not found does not exist; any other end leaves the list incomplete. Wildcards come first, so that of
/// each name that is asked for those that would answer for it are known too.
void AzureConsumer::read_records(DnsZone& zone) {
    const auto id = ResourceId::parse(zone.id);
    const Ids asked = asked_of(zone);
    std::vector<Call> calls;
    zone.records.complete = true;
    for (const std::string& record : asked) {
        if (calls.size() < max_asked) {
            calls.push_back(arm_.of_zone(Op::arm_zone_record, *id, record));
            zone.asked.push_back(full(record, zone.name));
        }
    }
    if (calls.size() < asked.size()) {
        say_left_out(zone, calls.size(), asked.size());
    }
    std::vector<Reply> replies = arm_.reading().caller.call_all(calls, arm_.reading().terms);
    for (Reply& reply : replies) {
        if (reply.result == Result::not_found && reply.code != "ParentResourceNotFound") {
            continue;
        }
        auto page = reply.result == Result::ok ? parse_record_sets_of_zone(reply.body) : std::nullopt;
        if (!page) {
            zone.records.complete = false;
            arm_.fail("private_dns_record",
                      reply.result == Result::ok ? unreadable(std::move(reply), "record set") : reply,
                      arm_.targets_of(zone.id));
            continue;
        }
        std::ranges::move(page->items, std::back_inserter(zone.records.items));
        zone.origin.read_at = std::min(zone.origin.read_at, reply.read_at);
    }
}

/// Of a name that was not asked for nothing is known.
void AzureConsumer::say_left_out(const DnsZone& zone, std::size_t read, std::size_t all) {
    Reply reply;
    reply.result = Result::error;
    reply.read_at = zone.origin.read_at;
    reply.detail = fmt::format("zone {}: {} of {} names are asked for", zone.name, read, all);
    arm_.fail("private_dns_record", reply, arm_.targets_of(zone.id));
}

/// Which endpoint keeps a record: it is not to be changed by hand.
void AzureConsumer::mark_kept(DnsZone& zone) {
    for (DnsRecord& record : zone.records.items) {
        for (const ZoneGroup& group : arm_.facts().zone_groups) {
            const auto same = [&](const DnsRecord& kept) {
                return kept.name == record.name && kept.type == record.type;
            };
            if (std::ranges::any_of(group.records, same)) {
                record.kept_by = group.endpoint;
            }
        }
    }
}

}  // namespace whylink::control
