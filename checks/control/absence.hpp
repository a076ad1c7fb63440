// What absence from a listing proves: the listing must be there in full, and be one of where the thing would be.
#pragma once

#include <string>

#include "checks/control/facts.hpp"
#include "checks/control/subject.hpp"

namespace whylink::control {

// Whether the account of one thing was read in full, in its region or subscription: then no other one is there.
bool has_all_endpoints(const Facts& facts, const Endpoint& of);
bool has_all_services(const Facts& facts, const EndpointService& of);
bool has_all_connections(const Facts& facts, const Connection& of);
/// Every private zone that may answer in the network, as far as the account of the zone has them.
bool has_all_zones(const Facts& facts, const DnsZone& of, const std::string& network);
bool has_all_zone_groups(const Facts& facts, const Endpoint& of);

/// The endpoint that the config names would stand in a listing that was read in full, and does not. Another account may
/// have it.
bool is_gone(const Facts& facts, const Subject& subject);

}  // namespace whylink::control
