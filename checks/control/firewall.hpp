// What may stop a packet inside an account: security groups, network ACLs, network security groups, routes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/control/read.hpp"
#include "config/address.hpp"
#include "config/vocabulary.hpp"

namespace whylink::control {

enum class Toward : std::uint8_t { inbound, outbound };
consteval auto vocabulary(Toward) {
    using enum Toward;
    return terms<Toward>({{inbound, "inbound"}, {outbound, "outbound"}});
}

struct PortRange {
    std::uint16_t from = 0;
    std::uint16_t to = 65535;
    bool operator==(const PortRange&) const = default;
};

// ---- AWS ----

/// One permission with all its sources. A source that is none of these three kinds lets nothing in.
struct SecurityGroupRule {
    Toward toward = Toward::inbound;
    std::string protocol;            ///< "tcp", "udp", "icmp", a number, or "-1": all, without ports
    std::optional<PortRange> ports;  ///< none: all ports
    std::vector<Cidr> networks;
    std::vector<std::string> prefix_lists;
    std::vector<std::string> groups;
    bool operator==(const SecurityGroupRule&) const = default;
};

/// Stateful: only the direction of the SYN counts.
struct SecurityGroup {
    Origin origin;
    std::string id;
    std::string name;
    std::string network;
    Listed<SecurityGroupRule> rules;
    bool operator==(const SecurityGroup&) const = default;
};

struct PrefixList {
    Origin origin;
    std::string id;
    Listed<Cidr> networks;
    bool operator==(const PrefixList&) const = default;
};

struct NetworkAclEntry {
    std::uint32_t number = 0;  ///< the lowest that matches decides; 32767 is the closing deny
    Toward toward = Toward::inbound;
    bool allow = false;
    std::string protocol;            ///< a number, or "-1": all
    std::optional<PortRange> ports;  ///< none: all
    Cidr network;
    bool operator==(const NetworkAclEntry&) const = default;
};

/// Stateless: the way back counts too, to the ephemeral port.
struct NetworkAcl {
    Origin origin;
    std::string id;
    std::vector<std::string> subnets;
    Listed<NetworkAclEntry> entries;
    bool operator==(const NetworkAcl&) const = default;
};

// ---- Azure ----

/// Source or destination of a rule: any of these matches. A prefix is a CIDR, an address, "*", or a service tag
/// ("VirtualNetwork", "AzureLoadBalancer", "Internet", …), kept as written.
struct NsgSide {
    std::vector<std::string> prefixes;
    std::vector<std::string> application_groups;  ///< Resource IDs
    std::vector<PortRange> ports;                 ///< empty: all
    bool operator==(const NsgSide&) const = default;
};

struct NsgRule {
    std::string name;
    std::uint32_t priority = 65'500;  ///< the lowest that matches decides
    Toward toward = Toward::inbound;
    bool allow = false;
    std::string protocol;  ///< "Tcp", "Udp", "*", …
    NsgSide source;
    NsgSide destination;
    bool operator==(const NsgRule&) const = default;
};

/// Rules and default rules together. Stateful.
struct NetworkSecurityGroup {
    Origin origin;
    std::string id;
    bool effective = false;  ///< the sum of those of an interface, as Azure computed it
    std::string interface;   ///< of an effective one
    Listed<NsgRule> rules;
    bool operator==(const NetworkSecurityGroup&) const = default;
};

struct Route {
    Cidr network;
    std::string next_hop;  ///< the provider's word: InterfaceEndpoint, VirtualAppliance, None, …
    std::vector<IpAddress> next_hop_addresses;
    bool operator==(const Route&) const = default;
};

/// The effective routes of an interface of this host.
struct RouteTable {
    Origin origin;
    std::string interface;
    Listed<Route> routes;
    bool operator==(const RouteTable&) const = default;
};

// ---- networks ----

/// Which policies apply to private endpoints of a subnet (Azure: privateEndpointNetworkPolicies). Without them an NSG
/// or route table of the subnet is not applied to the endpoint.
enum class EndpointPolicies : std::uint8_t {
    unknown,
    disabled,
    enabled,
    security_group_only,
    route_table_only
};
consteval auto vocabulary(EndpointPolicies) {
    using enum EndpointPolicies;
    return terms<EndpointPolicies>({{unknown, "unknown"},
                                    {disabled, "disabled"},
                                    {enabled, "enabled"},
                                    {security_group_only, "security_group_only"},
                                    {route_table_only, "route_table_only"}});
}

struct Subnet {
    Origin origin;
    std::string id;
    std::string network;
    std::string zone;
    std::string zone_id;
    std::vector<Cidr> networks;
    EndpointPolicies endpoint_policies = EndpointPolicies::unknown;
    std::string network_security_group;
    std::string route_table;
    bool operator==(const Subnet&) const = default;
};

/// VPC or VNet.
struct Network {
    Origin origin;
    std::string id;
    std::vector<Cidr> networks;
    std::optional<bool> dns_support;     ///< AWS: enableDnsSupport
    std::optional<bool> dns_hostnames;   ///< AWS: enableDnsHostnames
    std::vector<IpAddress> dns_servers;  ///< Azure: of one's own; empty: Azure's
    bool operator==(const Network&) const = default;
};

}  // namespace whylink::control
