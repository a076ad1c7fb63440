// Responses of Azure Resource Manager as facts. Pure: text in, facts out, nothing where it is not JSON of the right
// shape. Raw JSON, because `resourceGuid` is in no published schema.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/control/facts.hpp"
#include "control/page.hpp"

namespace whylink::control {

// Each takes a single resource or a page of a list (`value`); Page::next is the `nextLink`, unchecked. The origin of each
// fact is the caller's to fill in.
Parsed<Endpoint> parse_private_endpoints(std::string_view body);
Parsed<ZoneGroup> parse_zone_groups(std::string_view body);
/// The groups of an interface are its application security groups.
Parsed<Interface> parse_azure_interfaces(std::string_view body);
/// Resource IDs of the interfaces of a virtual machine.
Parsed<std::string> parse_machine_interfaces(std::string_view body);
/// Services, with the connections that each has.
struct ServiceWithConnections {
    EndpointService service;
    Listed<Connection> connections;
    std::vector<std::string> frontends;  ///< Resource IDs of the load balancer's frontends
};
Parsed<ServiceWithConnections> parse_private_link_services(std::string_view body);
Parsed<Connection> parse_endpoint_connections(std::string_view body);
Parsed<DnsZone> parse_private_dns_zones(std::string_view body);
Parsed<ZoneLink> parse_zone_links(std::string_view body);
Parsed<DnsRecord> parse_record_sets_of_zone(std::string_view body);
Parsed<Network> parse_virtual_networks(std::string_view body);
Parsed<Subnet> parse_azure_subnets(std::string_view body);
Parsed<NetworkSecurityGroup> parse_network_security_groups(std::string_view body);
/// One for each group that applies to the interface, of its own and of its subnet: all of them must let a flow through.
Parsed<NetworkSecurityGroup> parse_effective_groups(std::string_view body);
Parsed<Route> parse_effective_routes(std::string_view body);
struct BalancerWithRules {
    LoadBalancer balancer;
    std::vector<Listener> rules;
};
Parsed<BalancerWithRules> parse_azure_balancers(std::string_view body);
/// Of a body of /metadata/instance; nothing where it is not one.
std::optional<Instance> parse_azure_instance(std::string_view body);

}  // namespace whylink::control
