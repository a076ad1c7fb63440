// What is around the endpoints: subnets with their policies, networks, and the security groups that apply.
#include "control/azure/consumer.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/words.hpp"

namespace whylink::control {

namespace {

/// A group of a subnet binds private endpoints only where the subnet's policies say so.
bool may_apply(const Subnet& subnet) {
    return subnet.endpoint_policies != EndpointPolicies::disabled &&
           subnet.endpoint_policies != EndpointPolicies::route_table_only;
}

}  // namespace

void AzureConsumer::read_around() {
    read_subnets();
    read_networks_and_groups();
}

void AzureConsumer::read_subnets() {
    arm_.each<Subnet>(Op::arm_subnet, "virtualNetworks/subnets", "subnet", subnets_, parse_azure_subnets,
                      [&](Subnet& subnet, const Reply& reply) {
                          const Targets targets = arm_.targets_of(subnet.id);
                          add_azure_words(arm_.say("subnet", reply, targets), subnet);
                          arm_.want(subnet.network, targets);
                          arm_.want(subnet.network_security_group, targets);
                          arm_.facts().subnets.push_back(std::move(subnet));
                      });
}

void AzureConsumer::read_networks_and_groups() {
    Ids networks;
    Ids groups;
    for (const std::string& subnet : subnets_) {
        networks.insert(parent_of(subnet));
    }
    for (const Subnet& subnet : arm_.facts().subnets) {
        if (may_apply(subnet) && !subnet.network_security_group.empty()) {
            groups.insert(subnet.network_security_group);
        }
    }
    arm_.each<Network>(Op::arm_virtual_network, "virtualNetworks", "virtual_network", networks,
                       parse_virtual_networks, [&](Network& network, const Reply& reply) {
                           add_azure_words(arm_.say("virtual_network", reply, arm_.targets_of(network.id)),
                                           network);
                           arm_.facts().networks.push_back(std::move(network));
                       });
    arm_.each<NetworkSecurityGroup>(
        Op::arm_network_security_group, "networkSecurityGroups", "network_security_group", groups,
        parse_network_security_groups, [&](NetworkSecurityGroup& group, const Reply& reply) {
            add_azure_words(arm_.say("network_security_group", reply, arm_.targets_of(group.id)), group);
            arm_.facts().network_security_groups.push_back(std::move(group));
        });
}

}  // namespace whylink::control
