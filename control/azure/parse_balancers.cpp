// Load balancers and their rules.
#include <limits>

#include "control/azure/parse.hpp"
#include "control/azure/parse_page.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

/// A frontend without zones is in all of them, or in none that the answer names.
void add_frontend(LoadBalancer& balancer, const json& frontend) {
    BalancerZone place;
    place.subnet = json_text(frontend, "properties.subnet.id");
    if (const auto address = IpAddress::parse(json_text(frontend, "properties.privateIPAddress"))) {
        place.addresses.push_back(*address);
    }
    std::vector<std::string> zones = json_texts(frontend, "zones");
    if (zones.empty()) {
        zones.emplace_back();
    }
    for (std::string& zone : zones) {
        place.name = std::move(zone);
        balancer.zones.push_back(place);
    }
}

std::optional<Listener> rule_of(const json& item, const std::string& balancer) {
    Listener rule;
    rule.id = json_text(item, "id");
    const auto port = json_number(item, "properties.frontendPort");
    if (rule.id.empty() || !port || *port > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    rule.balancer = balancer;
    rule.port = static_cast<std::uint16_t>(*port);
    rule.protocol = json_text(item, "properties.protocol");
    if (std::string pool = json_text(item, "properties.backendAddressPool.id"); !pool.empty()) {
        rule.target_groups.push_back(std::move(pool));
    }
    constexpr std::uint32_t most_minutes = 1'440;
    if (const auto minutes = json_number(item, "properties.idleTimeoutInMinutes");
        minutes && *minutes <= most_minutes) {
        rule.idle_timeout = *minutes * 60;
    }
    rule.resets_idle = json_flag(item, "properties.enableTcpReset");
    return rule;
}

std::optional<BalancerWithRules> balancer_of(const json& item) {
    BalancerWithRules made;
    made.balancer.id = json_text(item, "id");
    const auto* rules = json_list(item, "properties.loadBalancingRules");
    if (made.balancer.id.empty() || rules == nullptr) {
        return std::nullopt;
    }
    made.balancer.name = json_text(item, "name");
    made.balancer.state = json_text(item, "properties.provisioningState");
    if (const auto* frontends = json_list(item, "properties.frontendIPConfigurations")) {
        for (const json& frontend : *frontends) {
            add_frontend(made.balancer, frontend);
        }
    }
    for (const json& item_rule : *rules) {
        auto rule = rule_of(item_rule, made.balancer.id);
        if (!rule) {
            return std::nullopt;
        }
        made.rules.push_back(std::move(*rule));
    }
    return made;
}

}  // namespace

Parsed<BalancerWithRules> parse_azure_balancers(std::string_view body) {
    return parse_arm<BalancerWithRules>(body, balancer_of);
}

}  // namespace whylink::control
