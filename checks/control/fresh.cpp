#include "checks/control/fresh.hpp"

#include <algorithm>
#include <tuple>

namespace whylink::control {
namespace {

/// All but the instances.
template <class OneOrOtherFacts>
auto lists_of(OneOrOtherFacts& facts) {
    return std::tie(facts.endpoints, facts.connections, facts.services, facts.security_groups,
                    facts.prefix_lists, facts.network_acls, facts.network_security_groups, facts.route_tables,
                    facts.subnets, facts.networks, facts.zones, facts.network_zones, facts.zone_groups,
                    facts.balancers, facts.listeners, facts.target_groups, facts.vendor_services,
                    facts.complete);
}

}  // namespace

std::shared_ptr<const Facts> fresh(const Facts& facts, std::optional<Time> since) {
    const auto is_old = [&](const auto& fact) { return since && fact.origin.read_at < *since; };
    const bool any_old = std::apply(
        [&](const auto&... list) { return (std::ranges::any_of(list, is_old) || ...); }, lists_of(facts));
    if (!any_old && std::ranges::none_of(facts.instances, is_old)) {
        return {std::shared_ptr<const Facts>(), &facts};
    }
    auto kept = std::make_shared<Facts>(facts);
    std::apply([&](auto&... list) { (std::erase_if(list, is_old), ...); }, lists_of(*kept));
    for (Instance& instance : kept->instances) {
        if (is_old(instance)) {
            std::ranges::for_each(instance.interfaces,
                                  [](Interface& interface) { interface.security_groups.clear(); });
        }
    }
    return kept;
}

}  // namespace whylink::control
