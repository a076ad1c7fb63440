// Facts of AWS as words of a Read: the provider's own names and spellings, nothing judged.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "checks/control/facts.hpp"
#include "config/account.hpp"

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

/// One read with the words of a fact, about these targets.
template <class T>
Read read_of_fact(const config::Account& account, std::string_view read, const T& fact,
                  const std::set<std::string>& targets) {
    Read made;
    made.account = account.name;
    made.read = read;
    made.read_at = fact.origin.read_at;
    made.targets.assign(targets.begin(), targets.end());
    add_words(made, fact);
    return made;
}

}  // namespace whylink::control
