#include "control/aws/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/reading.hpp"
#include "control/words.hpp"

namespace whylink::control {

namespace {

/// "tcp/9440", "tcp/1024-65535", "all"
std::string traffic(std::string_view protocol, const std::optional<PortRange>& ports) {
    const std::string_view name = protocol == "-1" ? "all" : protocol;
    if (!ports) {
        return std::string(name);
    }
    return ports->from == ports->to ? fmt::format("{}/{}", name, ports->from)
                                    : fmt::format("{}/{}-{}", name, ports->from, ports->to);
}

/// "tcp/9440 from 10.0.3.0/24 sg-0abc"
std::string rule_text(const SecurityGroupRule& rule) {
    std::vector<std::string> ends = texts_of_all(rule.networks);
    ends.insert(ends.end(), rule.prefix_lists.begin(), rule.prefix_lists.end());
    ends.insert(ends.end(), rule.groups.begin(), rule.groups.end());
    return fmt::format("{} {} {}", traffic(rule.protocol, rule.ports),
                       rule.toward == Toward::inbound ? "from" : "to", fmt::join(ends, " "));
}

std::vector<std::string> rule_texts(const SecurityGroup& group, Toward toward) {
    std::vector<std::string> texts;
    for (const SecurityGroupRule& rule : group.rules.items) {
        if (rule.toward == toward) {
            texts.push_back(rule_text(rule));
        }
    }
    return texts;
}

/// "inbound 100 allow 6/443 10.0.0.0/8"
std::string entry_text(const NetworkAclEntry& entry) {
    return fmt::format("{} {} {} {} {}", slug(entry.toward), entry.number, entry.allow ? "allow" : "deny",
                       traffic(entry.protocol, entry.ports), entry.network.to_string());
}

std::string target_text(const Target& target) {
    return fmt::format("{}:{} {}{}", target.id, target.port, target.state_word,
                       target.reason.empty() ? std::string() : " (" + target.reason + ")");
}

}  // namespace

void add_words(Read& read, const Endpoint& endpoint) {
    std::vector<std::string> zones;
    for (const Interface& interface : endpoint.interfaces.items) {
        if (!interface.zone.empty()) {
            zones.push_back(interface.zone);
        }
    }
    add_word(read, "vpcEndpointId", endpoint.id);
    add_word(read, "vpcEndpointType", endpoint.type);
    add_word(read, "state", endpoint.state_word);
    add_word(read, "reason", endpoint.description);
    add_word(read, "serviceName", endpoint.service);
    add_word(read, "vpcId", endpoint.network);
    add_word(read, "subnets", endpoint.subnets);
    add_word(read, "groups", endpoint.security_groups);
    add_word(read, "privateIpAddresses", address_texts(endpoint));
    add_word(read, "availabilityZones", std::move(zones));
    add_flag(read, "privateDnsEnabled", endpoint.private_dns);
    add_word(read, "dnsEntries", endpoint.dns_names);
}

void add_words(Read& read, const SecurityGroup& group) {
    add_word(read, "groupId", group.id);
    add_word(read, "groupName", group.name);
    add_word(read, "vpcId", group.network);
    add_word(read, "ipPermissions", rule_texts(group, Toward::inbound));
    add_word(read, "ipPermissionsEgress", rule_texts(group, Toward::outbound));
}

void add_words(Read& read, const PrefixList& list) {
    add_word(read, "prefixListId", list.id);
    add_word(read, "entries", texts_of_all(list.networks.items));
}

void add_words(Read& read, const NetworkAcl& acl) {
    std::vector<std::string> entries;
    for (const NetworkAclEntry& entry : acl.entries.items) {
        entries.push_back(entry_text(entry));
    }
    add_word(read, "networkAclId", acl.id);
    add_word(read, "subnets", acl.subnets);
    add_word(read, "entries", std::move(entries));
}

void add_words(Read& read, const Subnet& subnet) {
    add_word(read, "subnetId", subnet.id);
    add_word(read, "vpcId", subnet.network);
    add_word(read, "cidrBlocks", texts_of_all(subnet.networks));
    add_word(read, "availabilityZone", subnet.zone);
    add_word(read, "availabilityZoneId", subnet.zone_id);
}

void add_words(Read& read, const Network& network) {
    add_word(read, "vpcId", network.id);
    add_flag(read, "enableDnsSupport", network.dns_support);
    add_flag(read, "enableDnsHostnames", network.dns_hostnames);
}

void add_words(Read& read, const EndpointService& service) {
    add_word(read, "serviceId", service.id);
    add_word(read, "serviceName", service.name);
    add_word(read, "serviceState", service.state);
    add_word(read, "owner", service.owner);
    add_flag(read, "acceptanceRequired", service.acceptance_required);
    add_word(read, "availabilityZones", service.zones.items);
    add_word(read, "availabilityZoneIds", service.zone_ids.items);
    add_word(read, "privateDnsName", service.private_dns_name);
    add_word(read, "privateDnsNameState", service.private_dns_state);
    add_word(read, "networkLoadBalancerArns", service.balancers);
    add_word(read, "allowedPrincipals", ids_of(service.allowed.items));
}

void add_words(Read& read, const NetworkZones& zones) {
    add_word(read, "vpcId", zones.network);
    add_word(read, "zones", zones.zones.items);
}

void add_words(Read& read, const DnsZone& zone) {
    std::vector<std::string> networks;
    for (const ZoneLink& link : zone.links.items) {
        networks.push_back(link.network);
    }
    add_word(read, "hostedZoneId", zone.id);
    add_word(read, "name", zone.name);
    add_word(read, "owner", zone.owner);
    add_word(read, "vpcIds", std::move(networks));
    add_word(read, "asked", zone.asked);
    add_word(read, "records", record_texts(zone.records.items));
}

void add_words(Read& read, const LoadBalancer& balancer) {
    std::vector<std::string> zones;
    for (const BalancerZone& zone : balancer.zones) {
        zones.push_back(zone.name);
    }
    add_word(read, "loadBalancerArn", balancer.id);
    add_word(read, "state", balancer.state);
    add_word(read, "availabilityZones", std::move(zones));
    add_flag(read, "load_balancing.cross_zone.enabled", balancer.cross_zone);
    add_word(read, "securityGroups", balancer.security_groups);
    add_flag(read, "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
             balancer.groups_apply_to_endpoints);
}

void add_words(Read& read, const Listener& listener) {
    add_word(read, "listenerArn", listener.id);
    add_word(read, "loadBalancerArn", listener.balancer);
    add_word(read, "port", fmt::format("{}/{}", listener.protocol, listener.port));
    add_word(read, "targetGroupArns", listener.target_groups);
    if (listener.idle_timeout) {
        add_word(read, "tcp.idle_timeout.seconds", std::to_string(*listener.idle_timeout));
    }
}

void add_words(Read& read, const TargetGroup& group) {
    std::vector<std::string> targets;
    for (const Target& target : group.targets.items) {
        targets.push_back(target_text(target));
    }
    add_word(read, "targetGroupArn", group.id);
    add_word(read, "port", fmt::format("{}/{}", group.protocol, group.port));
    add_flag(read, "proxy_protocol_v2.enabled", group.proxy_header);
    add_flag(read, "preserve_client_ip.enabled", group.keeps_client_address);
    add_flag(read, "target_health_state.unhealthy.connection_termination.enabled",
             group.ends_connections_when_unhealthy);
    add_word(read, "targetHealth", std::move(targets));
}

}  // namespace whylink::control
