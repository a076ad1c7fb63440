// Responses of AWS as facts. Pure: text in, facts out, nothing where the document is not what it should be. Each gives
// one page; `next` is the token of the next one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/control/facts.hpp"
#include "control/page.hpp"

namespace whylink::control {

// The origin of each fact is the caller's to fill in.
Parsed<Endpoint> parse_vpc_endpoints(std::string_view body);
Parsed<Connection> parse_vpc_endpoint_connections(std::string_view body);
Parsed<EndpointService> parse_service_configurations(std::string_view body);
Parsed<Principal> parse_service_permissions(std::string_view body);
Parsed<EndpointService> parse_vpc_endpoint_services(std::string_view body);
Parsed<Interface> parse_network_interfaces(std::string_view body);
/// An interface that may be a Network Load Balancer's.
struct BalancerInterface {
    Interface interface;
    std::string balancer;  ///< "net/NAME/ID", the end of its ARN; empty: it is another's
};
Parsed<BalancerInterface> parse_balancer_interfaces(std::string_view body);
Parsed<SecurityGroup> parse_security_groups(std::string_view body);
Parsed<Cidr> parse_prefix_list_entries(std::string_view body);
Parsed<NetworkAcl> parse_network_acls(std::string_view body);
Parsed<Subnet> parse_subnets(std::string_view body);
/// Name and ID of each zone: names differ by account, IDs do not.
Parsed<Word> parse_availability_zones(std::string_view body);
/// `attribute` is "enableDnsSupport" or "enableDnsHostnames".
std::optional<bool> parse_vpc_attribute(std::string_view body, const char* attribute);
Parsed<LoadBalancer> parse_load_balancers(std::string_view body);
Parsed<Listener> parse_listeners(std::string_view body);
Parsed<TargetGroup> parse_target_groups(std::string_view body);
Parsed<Target> parse_target_health(std::string_view body);
/// Key and value of the three Describe…Attributes.
Parsed<Word> parse_elb_attributes(std::string_view body);
/// Id and name of each zone.
Parsed<DnsZone> parse_hosted_zones_by_vpc(std::string_view body);
/// As names are compared; Route 53 escapes "*".
std::string name_of_record(std::string_view text);
/// `next` is the next record's name, type and, where it has one, identifier, with spaces between.
Parsed<DnsRecord> parse_record_sets(std::string_view body);
/// This host by its instance identity document; nothing where it is not one.
std::optional<Instance> parse_instance_document(std::string_view body);

}  // namespace whylink::control
