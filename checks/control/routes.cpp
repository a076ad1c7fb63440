// Azure: the effective route of this host's interface.
#include <fmt/core.h>

#include <algorithm>

#include "checks/control/matches.hpp"
#include "checks/control/rules.hpp"

namespace whylink::control {
namespace {

/// Those with the longest prefix.
std::vector<const Route*> decisive(const RouteTable& table, const IpAddress& destination) {
    std::vector<const Route*> routes;
    for (const Route& route : table.routes.items) {
        if (!route.network.contains(destination)) {
            continue;
        }
        if (!routes.empty() && route.network.length() > routes.front()->network.length()) {
            routes.clear();
        }
        if (routes.empty() || route.network.length() == routes.front()->network.length()) {
            routes.push_back(&route);
        }
    }
    return routes;
}

Passage passage_of(const Route& route) {
    return route.next_hop == "InterfaceEndpoint" ? Passage::allowed
           : route.next_hop == "None"            ? Passage::denied
                                                 : Passage::unknown;
}

}  // namespace

Ruling effective_route(const Facts& facts, const std::string& interface, const Flow& flow) {
    const auto table = std::ranges::find_if(
        facts.route_tables, [&](const RouteTable& known) { return same_id(known.interface, interface); });
    if (table == facts.route_tables.end() || !table->routes.complete) {
        return {Passage::unknown, {}, "the effective routes of this host's interface were not read"};
    }
    const std::vector<const Route*> routes = decisive(*table, flow.destination);
    if (routes.empty()) {
        return {Passage::unknown, {}, fmt::format("no effective route to {}", flow.destination.to_string())};
    }
    const Route& route = *routes.front();
    const bool alike = std::ranges::all_of(
        routes, [&](const Route* other) { return passage_of(*other) == passage_of(route); });
    const Passage passage = alike ? passage_of(route) : Passage::unknown;
    const std::string reason = passage == Passage::allowed
                                   ? std::string()
                                   : fmt::format("the effective route to {} has next hop {}",
                                                 route.network.to_string(), route.next_hop);
    const std::string fix =
        passage == Passage::denied
            ? fmt::format(
                  "Give the subnet of this host a route to {}, or remove the one to {} with next hop {}.",
                  flow.destination.to_string(), route.network.to_string(), route.next_hop)
            : std::string();
    return {passage, fmt::format("route {}", route.network.to_string()), reason, fix};
}

}  // namespace whylink::control
