#include "checks/control/flows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "checks/control/matches.hpp"
#include "checks/control/rules.hpp"

namespace whylink::control {
namespace {

/// An endpoint's interface and the one of its addresses that is tried.
struct Goal {
    const Interface* interface = nullptr;
    IpAddress address;
};

/// Those that DNS gives or the config names; where these are not the endpoint's, all that it has.
std::vector<Goal> goals_of(const Subject& subject, const Endpoint& endpoint) {
    std::vector<Goal> all;
    for (const Interface& interface : endpoint.interfaces.items) {
        for (const IpAddress& address : interface.addresses) {
            all.push_back({&interface, address});
        }
    }
    std::vector<Goal> tried;
    std::ranges::copy_if(all, std::back_inserter(tried), [&](const Goal& goal) {
        return std::ranges::find(subject.addresses, goal.address) != subject.addresses.end();
    });
    return tried.empty() ? all : tried;
}

const Subnet* subnet_by_id(const Facts& facts, const std::string& id) {
    const auto found =
        std::ranges::find_if(facts.subnets, [&](const Subnet& subnet) { return same_id(subnet.id, id); });
    return found == facts.subnets.end() ? nullptr : &*found;
}

bool is_azure(const Endpoint& endpoint) {
    return endpoint.id.starts_with('/');
}

bool is_aws(const Endpoint& endpoint) {
    return endpoint.id.starts_with("vpce-");
}

/// One of another cloud has no security groups.
bool is_aws(const Interface& interface) {
    return interface.id.starts_with("eni-");
}

void add_aws(const Facts& facts, const Endpoint& endpoint, const Goal& goal, const Interface* source,
             const Flow& flow, std::vector<Ruling>& rulings) {
    // In the order of the way: what this host's own side drops does not get any further.
    if (source != nullptr && is_aws(*source)) {
        rulings.push_back(
            security_groups(facts, {source->security_groups, Toward::outbound, "this host"}, flow));
    }
    // Within one subnet no ACL applies. An instance of another VPC reaches the endpoint through a gateway, whose subnet
    // and address are not known: then this host's own ACL is what is left.
    const bool same_network = source != nullptr && source->network == endpoint.network;
    const std::string destination = same_network ? goal.interface->subnet : std::string();
    const bool comparable = flow.from_other_network || !destination.empty();
    rulings.push_back(network_acls(facts, source != nullptr && comparable ? source->subnet : std::string(),
                                   destination, flow));
    rulings.push_back(
        security_groups(facts, {flow.destination_groups, Toward::inbound, "the endpoint"}, flow));
}

void add_azure(const Facts& facts, const Goal& goal, const Interface* source, const Flow& flow,
               std::vector<Ruling>& rulings) {
    if (const Subnet* subnet = subnet_by_id(facts, goal.interface->subnet)) {
        rulings.push_back(network_security_group(facts, *subnet, flow));
    }
    if (source != nullptr) {
        rulings.push_back(effective_security_group(facts, source->id, flow));
        rulings.push_back(effective_route(facts, source->id, flow));
    }
}

Flow flow_of(const Subject& subject, const Endpoint& endpoint, const Goal& goal, const IpAddress& from,
             const Interface* source) {
    Flow flow;
    flow.source = from;
    flow.destination = goal.address;
    flow.port = subject.port;
    const bool own = !goal.interface->security_groups.empty();
    flow.destination_groups = own ? goal.interface->security_groups : endpoint.security_groups;
    // An interface has one at least.
    flow.destination_groups_known = !flow.destination_groups.empty();
    if (source != nullptr) {
        flow.source_groups = source->security_groups;
        flow.source_groups_known = !source->security_groups.empty();
        flow.from_other_network = !source->network.empty() && !endpoint.network.empty() &&
                                  !same_id(source->network, endpoint.network);
    }
    return flow;
}

/// GCP: without global access an endpoint is reached from its own region only.
void add_global_access(const Facts& facts, const Endpoint& endpoint, std::vector<Ruling>& rulings) {
    const auto here = std::ranges::find(facts.instances, config::Cloud::gcp, &Instance::cloud);
    if (endpoint.global_access != false || here == facts.instances.end() || here->region.empty() ||
        endpoint.region.empty() || here->region == endpoint.region) {
        return;
    }
    rulings.push_back({Passage::denied, endpoint.id,
                       fmt::format("global access is off, and this host is in {}, not in {}", here->region,
                                   endpoint.region),
                       fmt::format("Enable global access (allowPscGlobalAccess) of {}.",
                                   endpoint.name.empty() ? endpoint.id : endpoint.name)});
}

/// The metadata service knows less of an interface than the account does.
std::size_t detail_of(const Interface& interface) {
    return (interface.network.empty() ? 0U : 2U) + (interface.security_groups.empty() ? 0U : 1U);
}

}  // namespace

const Interface* source_interface(const Facts& facts, const IpAddress& source) {
    const Interface* best = nullptr;
    for (const Instance& instance : facts.instances) {
        for (const Interface& interface : instance.interfaces) {
            const bool has = std::ranges::find(interface.addresses, source) != interface.addresses.end();
            if (has && (best == nullptr || detail_of(interface) > detail_of(*best))) {
                best = &interface;
            }
        }
    }
    return best;
}

Ruling as_seen_from(const Facts& facts, const IpAddress& source, Ruling ruling) {
    if (ruling.passage != Passage::denied || source_interface(facts, source) != nullptr) {
        return ruling;
    }
    return {Passage::unknown, ruling.resource,
            fmt::format("{} is not known as an address of the account: it may be translated on the way",
                        source.to_string())};
}

std::vector<Ruling> judge_flows(const Facts& facts, const Subject& subject, const Endpoint& endpoint) {
    std::vector<Ruling> rulings;
    for (const Goal& goal : goals_of(subject, endpoint)) {
        for (const IpAddress& from : subject.sources) {
            if (from.is_v4() != goal.address.is_v4()) {
                continue;
            }
            const Interface* source = source_interface(facts, from);
            const Flow flow = flow_of(subject, endpoint, goal, from, source);
            std::vector<Ruling> own;
            if (is_aws(endpoint)) {
                add_aws(facts, endpoint, goal, source, flow, own);
            } else if (is_azure(endpoint)) {
                add_azure(facts, goal, source, flow, own);
            }
            for (Ruling& ruling : own) {
                rulings.push_back(as_seen_from(facts, from, std::move(ruling)));
            }
        }
    }
    add_global_access(facts, endpoint, rulings);
    return rulings;
}

}  // namespace whylink::control
