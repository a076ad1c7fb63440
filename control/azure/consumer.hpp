// The consumer's side of Azure: private endpoints of the targets, what is around them, private DNS, and this host.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "control/azure/arm_reader.hpp"

namespace whylink::control {

class AzureConsumer {
  public:
    /// All outlive it.
    AzureConsumer(const Reading& reading, const std::string& subscription, const AzureCloud& cloud);
    Readings read();

  private:
    using Ids = std::set<std::string>;

    // consumer.cpp: the endpoints of the targets
    void read_endpoints();
    /// Those that the config names and the listing does not have: of another subscription, or of a role in one group.
    void read_configured();
    void read_interfaces();
    Ids used_interfaces();
    Ids searched_interfaces();
    void attach(const std::map<std::string, Interface>& interfaces);
    void match();
    bool is_used(const Endpoint& endpoint) const;
    bool is_found(const Subject& subject) const;
    void say_endpoints();
    void say_missing(const Subject& subject);
    std::string missing_text(const Subject& subject) const;

    // consumer_around.cpp: subnets, networks, security groups
    void read_around();
    void read_subnets();
    void read_networks_and_groups();

    // consumer_names.cpp: private DNS
    void read_zone_groups();
    void read_zones();
    void add_zones_of_groups(std::vector<DnsZone>& zones) const;
    Targets targets_in(const DnsZone& zone) const;
    Ids asked_of(const DnsZone& zone) const;
    void read_zone(DnsZone zone);
    void read_records(DnsZone& zone);
    void say_left_out(const DnsZone& zone, std::size_t read, std::size_t all);
    void mark_kept(DnsZone& zone);

    // consumer_host.cpp: this host, where it runs in the subscription
    void read_machine();
    void take_machine(std::vector<Interface> interfaces, const Reply& reply);
    void read_effective();
    void take_effective_groups(const std::string& interface, const Reply& reply);
    void take_effective_routes(const std::string& interface, const Reply& reply);

    ArmReader arm_;
    const std::string& subscription_;
    std::vector<const Subject*> subjects_;
    std::vector<Endpoint> endpoints_;
    Reply listing_;  ///< how the listing of endpoints ended
    bool all_listed_ = false;
    /// Every interface that could have an address of a target was read.
    bool all_interfaces_ = true;
    std::set<std::string> found_;  ///< targets
    Ids subnets_;
    Ids host_interfaces_;
};

}  // namespace whylink::control
