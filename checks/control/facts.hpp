// All that was read of accounts, typed: what the judgement takes and what the protocol carries. Strings are as
// config/outside_text.hpp makes them, lists are bounded, and what was not read is empty and incomplete.
#pragma once

#include <string>
#include <vector>

#include "checks/control/backend.hpp"
#include "checks/control/firewall.hpp"
#include "checks/control/instance.hpp"
#include "checks/control/link.hpp"
#include "checks/control/names.hpp"
#include "checks/control/read.hpp"

namespace whylink::control {

/// A listing of a kind of thing in one account and region. Only where it stands here, absence from `Facts` proves that
/// there is no such thing.
struct CompleteListing {
    Origin origin;
    std::string read;   ///< as in Read: "vpc_endpoint", "private_endpoint", "connection", "service"
    std::string scope;  ///< region, subscription, organization
    bool operator==(const CompleteListing&) const = default;
};

struct Facts {
    std::vector<Instance> instances;  ///< at most one for each cloud
    std::vector<Endpoint> endpoints;
    std::vector<Connection> connections;
    std::vector<EndpointService> services;
    std::vector<SecurityGroup> security_groups;
    std::vector<PrefixList> prefix_lists;
    std::vector<NetworkAcl> network_acls;
    std::vector<NetworkSecurityGroup> network_security_groups;
    std::vector<RouteTable> route_tables;
    std::vector<Subnet> subnets;
    std::vector<Network> networks;
    std::vector<DnsZone> zones;
    std::vector<NetworkZones> network_zones;
    std::vector<ZoneGroup> zone_groups;
    std::vector<LoadBalancer> balancers;
    std::vector<Listener> listeners;
    std::vector<TargetGroup> target_groups;
    std::vector<VendorService> vendor_services;
    std::vector<CompleteListing> complete;
    bool operator==(const Facts&) const = default;
};

/// What reads of accounts gave: as reports show it, and typed.
struct Readings {
    std::vector<Read> reads;
    Facts facts;
    bool operator==(const Readings&) const = default;
};

/// Puts `more` behind what `all` has.
void append(Readings& all, Readings more);

}  // namespace whylink::control
