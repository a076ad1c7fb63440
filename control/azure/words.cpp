#include "control/azure/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/reading.hpp"
#include "control/words.hpp"

namespace whylink::control {

namespace {

std::string_view policies_word(EndpointPolicies policies) {
    switch (policies) {
        case EndpointPolicies::disabled:
            return "Disabled";
        case EndpointPolicies::enabled:
            return "Enabled";
        case EndpointPolicies::security_group_only:
            return "NetworkSecurityGroupEnabled";
        case EndpointPolicies::route_table_only:
            return "RouteTableEnabled";
        case EndpointPolicies::unknown:
            break;
    }
    return {};
}

/// "443", "1024-65535", "*"
std::string ports_text(const std::vector<PortRange>& ports) {
    if (ports.empty()) {
        return "*";
    }
    std::vector<std::string> texts;
    for (const PortRange& range : ports) {
        texts.push_back(range.from == range.to ? std::to_string(range.from)
                                               : fmt::format("{}-{}", range.from, range.to));
    }
    return fmt::format("{}", fmt::join(texts, "+"));
}

std::string side_text(const NsgSide& side) {
    std::vector<std::string> parts = side.prefixes;
    parts.insert(parts.end(), side.application_groups.begin(), side.application_groups.end());
    return fmt::format("{}:{}", fmt::join(parts, "+"), ports_text(side.ports));
}

/// "100 Inbound Deny Tcp 10.0.0.0/16:* > *:443 (block-db)"
std::string rule_text(const NsgRule& rule) {
    return fmt::format("{:04} {} {} {} {} > {} ({})", rule.priority,
                       rule.toward == Toward::inbound ? "Inbound" : "Outbound", rule.allow ? "Allow" : "Deny",
                       rule.protocol, side_text(rule.source), side_text(rule.destination), rule.name);
}

}  // namespace

void add_azure_words(Read& read, const Endpoint& endpoint) {
    add_word(read, "id", endpoint.id);
    add_word(read, "resourceGuid", endpoint.other_ids);
    add_word(read, "state", endpoint.state_word);
    add_word(read, "description", endpoint.description);
    add_word(read, "privateLinkServiceId", endpoint.service);
    add_word(read, "groupIds", endpoint.group_ids);
    add_word(read, "location", endpoint.region);
    add_word(read, "subnet", endpoint.subnets);
    add_word(read, "privateIPAddresses", address_texts(endpoint));
    add_word(read, "fqdns", endpoint.dns_names);
}

void add_azure_words(Read& read, const ZoneGroup& group) {
    add_word(read, "privateEndpoint", group.endpoint);
    add_word(read, "privateDnsZoneIds", group.zones);
    add_word(read, "recordSets", record_texts(group.records));
}

void add_azure_words(Read& read, const Subnet& subnet) {
    add_word(read, "id", subnet.id);
    add_word(read, "addressPrefixes", texts_of_all(subnet.networks));
    add_word(read, "privateEndpointNetworkPolicies", policies_word(subnet.endpoint_policies));
    add_word(read, "networkSecurityGroup", subnet.network_security_group);
    add_word(read, "routeTable", subnet.route_table);
}

void add_azure_words(Read& read, const Network& network) {
    add_word(read, "id", network.id);
    add_word(read, "addressPrefixes", texts_of_all(network.networks));
    add_word(read, "dnsServers", texts_of_all(network.dns_servers));
}

void add_azure_words(Read& read, const NetworkSecurityGroup& group) {
    std::vector<std::string> rules;
    for (const NsgRule& rule : group.rules.items) {
        rules.push_back(rule_text(rule));
    }
    add_word(read, "id", group.id);
    add_word(read, "networkInterface", group.interface);
    add_word(read, "rules", std::move(rules));
}

void add_azure_words(Read& read, const RouteTable& table) {
    std::vector<std::string> routes;
    for (const Route& route : table.routes.items) {
        routes.push_back(fmt::format("{} {}", route.network.to_string(), route.next_hop));
    }
    add_word(read, "networkInterface", table.interface);
    add_word(read, "routes", std::move(routes));
}

void add_azure_words(Read& read, const DnsZone& zone) {
    std::vector<std::string> networks;
    for (const ZoneLink& link : zone.links.items) {
        networks.push_back(fmt::format("{} {}", link.network, link.state));
    }
    add_word(read, "id", zone.id);
    add_word(read, "name", zone.name);
    add_word(read, "virtualNetworkLinks", std::move(networks));
    add_word(read, "asked", zone.asked);
    add_word(read, "records", record_texts(zone.records.items));
}

void add_azure_words(Read& read, const EndpointService& service) {
    add_word(read, "id", service.id);
    add_word(read, "alias", service.name);
    add_word(read, "provisioningState", service.state);
    add_word(read, "visibility", ids_of(service.allowed.items));
    add_word(read, "autoApproval", ids_of(service.auto_approved.items));
    add_flag(read, "enableProxyProtocol", service.proxy_header);
    add_word(read, "loadBalancers", service.balancers);
}

void add_azure_words(Read& read, const Connection& connection) {
    add_word(read, "privateLinkService", connection.service);
    add_word(read, "privateEndpoint", connection.endpoint);
    add_word(read, "state", connection.state_word);
    add_word(read, "description", connection.description);
    add_word(read, "linkIdentifier", connection.link_id);
    add_word(read, "privateEndpointLocation", connection.region);
}

void add_azure_words(Read& read, const LoadBalancer& balancer, const std::vector<Listener>& rules) {
    std::vector<std::string> texts;
    for (const Listener& rule : rules) {
        texts.push_back(
            fmt::format("{}/{}{}{}", rule.protocol, rule.port,
                        rule.idle_timeout ? fmt::format(" idle {} s", *rule.idle_timeout) : std::string(),
                        rule.resets_idle.value_or(false) ? " enableTcpReset" : ""));
    }
    add_word(read, "id", balancer.id);
    add_word(read, "provisioningState", balancer.state);
    add_word(read, "loadBalancingRules", std::move(texts));
}

}  // namespace whylink::control
