// What stands behind a service of ours: load balancers, listeners, target groups and the health of targets.
#include <algorithm>

#include "checks/control/matches.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/parse_page.hpp"

namespace whylink::control {

namespace {

std::uint16_t port_of(const pugi::xml_node& node, const char* child) {
    const auto port = number_of(node, child);
    return port && *port <= 65'535 ? static_cast<std::uint16_t>(*port) : std::uint16_t{0};
}

BalancerZone zone_of(const pugi::xml_node& item) {
    BalancerZone zone;
    zone.name = text_of(item, "ZoneName");
    zone.subnet = text_of(item, "SubnetId");
    for (const pugi::xml_node& address : items_of(item, "LoadBalancerAddresses")) {
        for (const char* form : {"PrivateIPv4Address", "IpAddress", "IPv6Address"}) {
            if (const auto parsed = IpAddress::parse(address.child_value(form))) {
                zone.addresses.push_back(*parsed);
            }
        }
    }
    return zone;
}

LoadBalancer balancer_of(const pugi::xml_node& item) {
    LoadBalancer balancer;
    balancer.id = text_of(item, "LoadBalancerArn");
    balancer.name = text_of(item, "LoadBalancerName");
    balancer.state = text_of(item.child("State"), "Code");
    for (const pugi::xml_node& zone : items_of(item, "AvailabilityZones")) {
        balancer.zones.push_back(zone_of(zone));
    }
    balancer.security_groups = texts_of(item, "SecurityGroups");
    balancer.groups_apply_to_endpoints =
        bool_of(item, "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic");
    return balancer;
}

void add_once(std::vector<std::string>& all, std::string text) {
    if (!text.empty() && std::ranges::find(all, text) == all.end()) {
        all.push_back(std::move(text));
    }
}

Listener listener_of(const pugi::xml_node& item) {
    Listener listener;
    listener.id = text_of(item, "ListenerArn");
    listener.balancer = text_of(item, "LoadBalancerArn");
    listener.port = port_of(item, "Port");
    listener.protocol = text_of(item, "Protocol");
    for (const pugi::xml_node& action : items_of(item, "DefaultActions")) {
        add_once(listener.target_groups, text_of(action, "TargetGroupArn"));
        for (std::string& group : texts_of(action.child("ForwardConfig"), "TargetGroups", "TargetGroupArn")) {
            add_once(listener.target_groups, std::move(group));
        }
    }
    return listener;
}

TargetGroup target_group_of(const pugi::xml_node& item) {
    TargetGroup group;
    group.id = text_of(item, "TargetGroupArn");
    group.name = text_of(item, "TargetGroupName");
    group.protocol = text_of(item, "Protocol");
    group.port = port_of(item, "Port");
    return group;
}

Target target_of(const pugi::xml_node& item) {
    const pugi::xml_node id = item.child("Target");
    const pugi::xml_node health = item.child("TargetHealth");
    Target target;
    target.id = text_of(id, "Id");
    target.port = port_of(id, "Port");
    target.zone = text_of(id, "AvailabilityZone");
    target.state_word = text_of(health, "State");
    target.state = target_state(target.state_word);
    target.reason = text_of(health, "Reason");
    target.description = text_of(health, "Description");
    return target;
}

Word attribute_of(const pugi::xml_node& item) {
    return {text_of(item, "Key"), text_of(item, "Value")};
}

}  // namespace

Parsed<LoadBalancer> parse_load_balancers(std::string_view body) {
    return parse_page<LoadBalancer>(
        body, elb_page("DescribeLoadBalancersResponse", "DescribeLoadBalancersResult", "LoadBalancers"),
        balancer_of);
}

Parsed<Listener> parse_listeners(std::string_view body) {
    return parse_page<Listener>(
        body, elb_page("DescribeListenersResponse", "DescribeListenersResult", "Listeners"), listener_of);
}

Parsed<TargetGroup> parse_target_groups(std::string_view body) {
    return parse_page<TargetGroup>(
        body, elb_page("DescribeTargetGroupsResponse", "DescribeTargetGroupsResult", "TargetGroups"),
        target_group_of);
}

Parsed<Target> parse_target_health(std::string_view body) {
    return parse_page<Target>(
        body,
        elb_page("DescribeTargetHealthResponse", "DescribeTargetHealthResult", "TargetHealthDescriptions"),
        target_of);
}

Parsed<Word> parse_elb_attributes(std::string_view body) {
    constexpr const char* attributes = "Attributes";
    for (const PageShape& shape :
         {elb_page("DescribeLoadBalancerAttributesResponse", "DescribeLoadBalancerAttributesResult",
                   attributes),
          elb_page("DescribeListenerAttributesResponse", "DescribeListenerAttributesResult", attributes),
          elb_page("DescribeTargetGroupAttributesResponse", "DescribeTargetGroupAttributesResult",
                   attributes)}) {
        if (auto page = parse_page<Word>(body, shape, attribute_of)) {
            return page;
        }
    }
    return std::nullopt;
}

}  // namespace whylink::control
