// What stands around the endpoints of the targets: rules, subnets, networks, services.
#include <algorithm>
#include <iterator>
#include <utility>

#include "checks/control/ports.hpp"
#include "config/dns_name.hpp"
#include "control/aws/consumer.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/zone_ids.hpp"

namespace whylink::control {

namespace {

/// Of com.amazonaws.vpce.REGION.vpce-svc-…; empty where the name does not say.
std::string region_of_service(std::string_view name) {
    const std::vector<std::string_view> labels = labels_of(name);
    const auto mark = std::ranges::find(labels, "vpce");
    return mark != labels.end() && mark + 1 != labels.end() ? std::string(*(mark + 1)) : std::string();
}

Network& network_of(std::vector<Network>& networks, const std::string& id) {
    const auto found = std::ranges::find(networks, id, &Network::id);
    if (found != networks.end()) {
        return *found;
    }
    networks.emplace_back().id = id;
    return networks.back();
}

}  // namespace

void AwsConsumer::read_around() {
    Facts& facts = made_.facts;
    std::vector<Listing> listings;
    Names groups = groups_;
    groups.insert(own_groups_.begin(), own_groups_.end());
    if (!groups.empty()) {
        listings.push_back(listing(reading_, "security_group",
                                   filtered({}, Op::ec2_security_groups, "group-id", groups).call,
                                   parse_security_groups, facts.security_groups));
    }
    if (!subnets_.empty()) {
        listings.push_back(listing(reading_, "subnet",
                                   filtered({}, Op::ec2_subnets, "subnet-id", subnets_).call, parse_subnets,
                                   facts.subnets));
        listings.push_back(listing(reading_, "network_acl",
                                   filtered({}, Op::ec2_network_acls, "association.subnet-id", subnets_).call,
                                   parse_network_acls, facts.network_acls));
    }
    std::vector<Word> zones;
    if (!services_.empty()) {
        listings.push_back(zone_listing(reading_, region_, zones));
    }
    add_attributes(listings);
    add_services(listings);
    add_hosted_zones(listings);
    read_all(reading_, listings);
    say_failures(listings);
    take_hosted_zones(listings);
    join_zones();
    add_zone_ids(facts.services, zones);
}

void AwsConsumer::add_attributes(std::vector<Listing>& listings) {
    for (const std::string& network : networks_) {
        for (const char* attribute : {"enableDnsSupport", "enableDnsHostnames"}) {
            Call call = aws_call(Op::ec2_vpc_attribute, region_);
            call.form = {{"VpcId", network}, {"Attribute", attribute}};
            listings.push_back(single("vpc", std::move(call), [this, network, attribute](const Reply& reply) {
                const auto value = parse_vpc_attribute(reply.body, attribute);
                if (value) {
                    Network& fact = network_of(made_.facts.networks, network);
                    fact.origin = origin_of(reading_.account, reply);
                    (attribute == std::string_view("enableDnsSupport") ? fact.dns_support
                                                                       : fact.dns_hostnames) = value;
                }
                return value.has_value();
            }));
        }
    }
}

Listing AwsConsumer::service_listing(const std::string& name, std::vector<EndpointService>& into) const {
    Call call = aws_call(Op::ec2_vpc_endpoint_services, region_);
    call.form.emplace_back("ServiceName.1", name);
    if (std::string region = region_of_service(name); !region.empty() && region != region_) {
        call.form.emplace_back("ServiceRegion.1", std::move(region));
    }
    return listing(reading_, "endpoint_service", std::move(call), parse_vpc_endpoint_services, into);
}

void AwsConsumer::add_services(std::vector<Listing>& listings) {
    for (const std::string& service : services_) {
        if (!service.empty()) {
            listings.push_back(service_listing(service, made_.facts.services));
        }
    }
}

/// The zone's id, which is the same in every account, of each interface: a subnet has it.
void AwsConsumer::join_zones() {
    for (Endpoint& endpoint : made_.facts.endpoints) {
        for (Interface& interface : endpoint.interfaces.items) {
            const auto subnet = std::ranges::find(made_.facts.subnets, interface.subnet, &Subnet::id);
            if (subnet != made_.facts.subnets.end()) {
                interface.zone_id = subnet->zone_id;
            }
        }
    }
}

void AwsConsumer::read_named() {
    std::vector<SecurityGroup> referenced;
    std::vector<Listing> listings;
    add_referenced(listings, referenced);
    add_prefix_lists(listings);
    add_records(listings);
    read_all(reading_, listings);
    say_failures(listings);
    Facts& facts = made_.facts;
    std::ranges::move(referenced, std::back_inserter(facts.security_groups));
    std::erase_if(facts.prefix_lists, [](const PrefixList& list) { return list.origin == Origin{}; });
    say_all();
}

void AwsConsumer::say_all() {
    const Facts& facts = made_.facts;
    for (const Endpoint& endpoint : facts.endpoints) {
        if (about_.contains(endpoint.id)) {
            say("vpc_endpoint", endpoint, about(endpoint.id));
        }
    }
    for (const SecurityGroup& group : facts.security_groups) {
        say("security_group", group, about(group.id));
    }
    for (const PrefixList& list : facts.prefix_lists) {
        say("prefix_list", list, targets_);
    }
    for (const Subnet& subnet : facts.subnets) {
        say("subnet", subnet, about(subnet.id));
    }
    for (const NetworkAcl& acl : facts.network_acls) {
        say("network_acl", acl, targets_);
    }
    for (const Network& network : facts.networks) {
        say("vpc", network, about(network.id));
    }
    for (const EndpointService& service : facts.services) {
        say("endpoint_service", service, about(service.name));
    }
    for (const NetworkZones& zones : facts.network_zones) {
        say("hosted_zones", zones, about(zones.network));
    }
    for (const DnsZone& zone : facts.zones) {
        say("hosted_zone", zone, targets_);
    }
}

/// Whether the rule is about connections of targets: of an endpoint's group one for what comes in, of this host's one for
/// what goes out.
bool AwsConsumer::may_decide(const SecurityGroup& group, const SecurityGroupRule& rule) const {
    const Names& groups = rule.toward == Toward::inbound ? groups_ : own_groups_;
    return groups.contains(group.id) && is_tcp(rule.protocol) &&
           std::ranges::any_of(subjects_,
                               [&](const Subject* subject) { return has_port(rule.ports, subject->port); });
}

AwsConsumer::Names AwsConsumer::named_by_rules(std::vector<std::string> SecurityGroupRule::*names) const {
    Names named;
    for (const SecurityGroup& group : made_.facts.security_groups) {
        for (const SecurityGroupRule& rule : group.rules.items) {
            if (may_decide(group, rule)) {
                named.insert((rule.*names).begin(), (rule.*names).end());
            }
        }
    }
    return named;
}

/// Groups that rules name: their names are for people, and whether they still exist.
void AwsConsumer::add_referenced(std::vector<Listing>& listings,
                                 std::vector<SecurityGroup>& referenced) const {
    Names missing = named_by_rules(&SecurityGroupRule::groups);
    for (const SecurityGroup& group : made_.facts.security_groups) {
        missing.erase(group.id);
    }
    if (!missing.empty()) {
        listings.push_back(listing(reading_, "security_group",
                                   filtered({}, Op::ec2_security_groups, "group-id", missing).call,
                                   parse_security_groups, referenced));
    }
}

void AwsConsumer::add_prefix_lists(std::vector<Listing>& listings) {
    const Names ids = named_by_rules(&SecurityGroupRule::prefix_lists);
    // Listings keep references to them.
    made_.facts.prefix_lists.reserve(ids.size());
    for (const std::string& id : ids) {
        PrefixList& list = made_.facts.prefix_lists.emplace_back();
        list.id = id;
        Call call = aws_call(Op::ec2_managed_prefix_list_entries, region_);
        call.form = {{"PrefixListId", id}, {"MaxResults", "100"}};
        Listing made =
            listing(reading_, "prefix_list", std::move(call), parse_prefix_list_entries, list.networks.items);
        made.take = [this, &list, take = std::move(made.take)](const Reply& reply) {
            list.origin = origin_of(reading_.account, reply);
            std::optional<std::string> next = take(reply);
            list.networks.complete = next && next->empty();
            return next;
        };
        listings.push_back(std::move(made));
    }
}

}  // namespace whylink::control
