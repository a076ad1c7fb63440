// Facts of AWS as words of a Read: the provider's own names and spellings, nothing judged.
#pragma once

#include "checks/control/facts.hpp"

namespace whylink::control {

void add_words(Read& read, const Endpoint& endpoint);
void add_words(Read& read, const SecurityGroup& group);
void add_words(Read& read, const PrefixList& list);
void add_words(Read& read, const NetworkAcl& acl);
void add_words(Read& read, const Subnet& subnet);
void add_words(Read& read, const Network& network);
void add_words(Read& read, const EndpointService& service);
void add_words(Read& read, const NetworkZones& zones);
void add_words(Read& read, const DnsZone& zone);
void add_words(Read& read, const LoadBalancer& balancer);
void add_words(Read& read, const Listener& listener);
void add_words(Read& read, const TargetGroup& group);

}  // namespace whylink::control
