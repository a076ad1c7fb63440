// Facts of Azure as words of a Read: the provider's own names and spellings, nothing judged.
#pragma once

#include "checks/control/facts.hpp"

namespace whylink::control {

void add_azure_words(Read& read, const Endpoint& endpoint);
void add_azure_words(Read& read, const ZoneGroup& group);
void add_azure_words(Read& read, const Subnet& subnet);
void add_azure_words(Read& read, const Network& network);
void add_azure_words(Read& read, const NetworkSecurityGroup& group);
void add_azure_words(Read& read, const RouteTable& table);
void add_azure_words(Read& read, const DnsZone& zone);
void add_azure_words(Read& read, const EndpointService& service);
void add_azure_words(Read& read, const Connection& connection);
void add_azure_words(Read& read, const LoadBalancer& balancer, const std::vector<Listener>& rules);

}  // namespace whylink::control
