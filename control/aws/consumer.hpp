// The consumer's side of AWS, read in three rounds of calls: the endpoints, what stands around them, and what that names.
// A target behind a load balancer of the account itself has what stands behind that in place of an endpoint.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/aws/balancers.hpp"
#include "control/aws/listing.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/words.hpp"

namespace whylink::control {

class AwsConsumer {
  public:
    /// Both outlive it.
    AwsConsumer(const Reading& reading, const std::string& region);
    Readings read();

  private:
    using Names = std::set<std::string>;

    // consumer.cpp: the endpoints that the targets use
    void read_endpoints();
    void attach_interfaces(const std::vector<Interface>& interfaces);
    bool match(const Subject& subject);
    std::vector<const Endpoint*> endpoints_of(const Subject& subject) const;
    bool match_private_names(std::vector<const Subject*>& unmatched);
    void use(const Endpoint& endpoint, const std::string& target);
    void say_not_found(const Subject& subject, const Listing& endpoints);
    /// This host's interfaces where the metadata service did not name them.
    void take_own(const std::vector<Interface>& interfaces, std::span<const Listing> listings);
    bool hand_on(bool all_matched);
    bool match_all(const std::vector<Listing>& listings);
    void use_own(const std::vector<Interface>& interfaces);
    void use_own_groups(const Interface& interface);
    bool is_own_account(const std::string& account) const;
    bool is_own_network(const std::string& network) const;

    // consumer_balancers.cpp: load balancers of the account itself
    void match_balancers(std::vector<const Subject*>& unmatched);
    const BalancerInterface* interface_of(const std::vector<BalancerInterface>& interfaces,
                                          const IpAddress& address) const;
    void use(LoadBalancer balancer, const std::vector<const BalancerInterface*>& interfaces);
    void read_balancers();

    // consumer_around.cpp: what may stop a packet, and the services
    void read_around();
    void add_attributes(std::vector<Listing>& listings);
    void add_services(std::vector<Listing>& listings);
    /// One call for each: a name that this account may not know of fails the whole call.
    Listing service_listing(const std::string& name, std::vector<EndpointService>& into) const;
    void join_zones();
    void read_named();
    void say_all();
    bool may_decide(const SecurityGroup& group, const SecurityGroupRule& rule) const;
    Names named_by_rules(std::vector<std::string> SecurityGroupRule::*names) const;
    void add_referenced(std::vector<Listing>& listings, std::vector<SecurityGroup>& referenced) const;
    void add_prefix_lists(std::vector<Listing>& listings);

    // consumer_zones.cpp: private DNS
    void add_hosted_zones(std::vector<Listing>& listings);
    void take_hosted_zones(const std::vector<Listing>& listings);
    void add_records(std::vector<Listing>& listings);
    std::vector<std::string> names_in(const DnsZone& zone) const;
    Names own_accounts() const;

    Listing filtered(std::string read, Op op, std::string_view filter, const Names& values) const;
    /// The targets that a resource is about: those of an endpoint that has it, else all.
    const Names& about(const std::string& id) const;
    template <class T>
    void say(std::string_view read, const T& fact, const Names& targets);
    void say_failures(const std::vector<Listing>& listings);

    const Reading& reading_;
    const std::string& region_;
    std::vector<const Subject*> subjects_;
    Names targets_;
    std::vector<Endpoint> endpoints_;  ///< of the region
    std::set<const Endpoint*> used_;
    std::map<std::string, Names> about_;
    Names groups_;      ///< of endpoints
    Names own_groups_;  ///< of this host's interfaces
    Names subnets_;
    Names networks_;
    Names services_;
    std::map<std::string, std::vector<DnsZone>> zones_of_;  ///< by network
    Names balanced_;  ///< targets whose address is one of a load balancer
    Readings made_;
    AwsBalancers balancers_;
};

template <class T>
void AwsConsumer::say(std::string_view read, const T& fact, const Names& targets) {
    made_.reads.push_back(read_of_fact(reading_.account, read, fact, targets));
}

}  // namespace whylink::control
