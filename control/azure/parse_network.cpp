// Networks, subnets, network security groups and routes.
#include <algorithm>
#include <iterator>

#include "config/ascii.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/parse_page.hpp"
#include "control/azure/resource_id.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

/// The members of one name of which a resource has a text, and those of another that is a list of them.
std::vector<std::string> texts_in(const json& item, std::string_view single, std::string_view list) {
    std::vector<std::string> texts = json_texts(item, list);
    if (std::string text = json_text(item, single); texts.empty() && !text.empty()) {
        texts.push_back(std::move(text));
    }
    return texts;
}

std::optional<Network> network_of(const json& item) {
    Network network;
    network.id = json_text(item, "id");
    if (network.id.empty()) {
        return std::nullopt;
    }
    network.networks = json_networks(item, "properties.addressSpace.addressPrefixes");
    network.dns_servers = json_addresses(item, "properties.dhcpOptions.dnsServers");
    return network;
}

EndpointPolicies policies_of(std::string_view word) {
    if (same_without_case(word, "Disabled")) {
        return EndpointPolicies::disabled;
    }
    if (same_without_case(word, "Enabled")) {
        return EndpointPolicies::enabled;
    }
    if (same_without_case(word, "NetworkSecurityGroupEnabled")) {
        return EndpointPolicies::security_group_only;
    }
    return same_without_case(word, "RouteTableEnabled") ? EndpointPolicies::route_table_only
                                                        : EndpointPolicies::unknown;
}

std::optional<Subnet> subnet_of(const json& item) {
    Subnet subnet;
    subnet.id = json_text(item, "id");
    if (subnet.id.empty()) {
        return std::nullopt;
    }
    subnet.network = parent_of(subnet.id);
    for (const std::string& text : texts_in(item, "properties.addressPrefix", "properties.addressPrefixes")) {
        if (const auto network = Cidr::parse(text)) {
            subnet.networks.push_back(*network);
        }
    }
    subnet.endpoint_policies = policies_of(json_text(item, "properties.privateEndpointNetworkPolicies"));
    subnet.network_security_group = json_text(item, "properties.networkSecurityGroup.id");
    subnet.route_table = json_text(item, "properties.routeTable.id");
    return subnet;
}

/// "443", "1024-65535"
std::optional<PortRange> range_in(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto from = parse_number<std::uint16_t>(text.substr(0, dash));
    const auto to =
        dash == std::string_view::npos ? from : parse_number<std::uint16_t>(text.substr(dash + 1));
    if (!from || !to || *from > *to) {
        return std::nullopt;
    }
    return PortRange{*from, *to};
}

/// Empty: all ports. Nothing: a range that is none, or no range at all.
std::optional<std::vector<PortRange>> ranges_in(const std::vector<std::string>& texts) {
    std::vector<PortRange> ranges;
    if (texts.empty()) {
        return std::nullopt;
    }
    for (const std::string& text : texts) {
        if (text == "*") {
            return std::vector<PortRange>();
        }
        const auto range = range_in(text);
        if (!range) {
            return std::nullopt;
        }
        ranges.push_back(*range);
    }
    return ranges;
}

/// How a side's members are called.
struct SideNames {
    const char* prefix;
    const char* prefixes;
    const char* expanded;  ///< of an effective rule: what a service tag stands for
    const char* port;
    const char* ports;
    const char* groups;
};
constexpr SideNames source_names{
    "sourceAddressPrefix", "sourceAddressPrefixes", "expandedSourceAddressPrefix",
    "sourcePortRange",     "sourcePortRanges",      "sourceApplicationSecurityGroups"};
constexpr SideNames destination_names{
    "destinationAddressPrefix", "destinationAddressPrefixes", "expandedDestinationAddressPrefix",
    "destinationPortRange",     "destinationPortRanges",      "destinationApplicationSecurityGroups"};

std::optional<NsgSide> side_of(const json& rule, const SideNames& names) {
    NsgSide side;
    side.prefixes = json_texts(rule, names.expanded);
    if (side.prefixes.empty()) {
        side.prefixes = texts_in(rule, names.prefix, names.prefixes);
    }
    side.application_groups = json_texts(rule, names.groups, "id");
    auto ports = ranges_in(texts_in(rule, names.port, names.ports));
    if (!ports || (side.prefixes.empty() && side.application_groups.empty())) {
        return std::nullopt;
    }
    side.ports = std::move(*ports);
    return side;
}

std::optional<Toward> toward_of(std::string_view word) {
    if (same_without_case(word, "Inbound")) {
        return Toward::inbound;
    }
    return same_without_case(word, "Outbound") ? std::optional(Toward::outbound) : std::nullopt;
}

std::optional<bool> allows(std::string_view word) {
    if (same_without_case(word, "Allow")) {
        return true;
    }
    return same_without_case(word, "Deny") ? std::optional(false) : std::nullopt;
}

/// Nothing where a member that decides is missing or new.
std::optional<NsgRule> rule_of(const json& properties, std::string name) {
    const auto priority = json_number(properties, "priority");
    const auto toward = toward_of(json_text(properties, "direction"));
    const auto allow = allows(json_text(properties, "access"));
    const std::string protocol = json_text(properties, "protocol");
    auto source = side_of(properties, source_names);
    auto destination = side_of(properties, destination_names);
    if (!priority || !toward || !allow || protocol.empty() || !source || !destination) {
        return std::nullopt;
    }
    NsgRule rule;
    rule.name = std::move(name);
    rule.priority = *priority;
    rule.toward = *toward;
    rule.allow = *allow;
    // Effective rules say "All" where the rules of a group say "*".
    rule.protocol = same_without_case(protocol, "All") ? "*" : protocol;
    rule.source = std::move(*source);
    rule.destination = std::move(*destination);
    return rule;
}

/// One rule that is not to be understood leaves the list incomplete.
void add_rules(Listed<NsgRule>& rules, const json& item, const char* list, const char* properties) {
    const auto* elements = json_list(item, list);
    rules.complete = rules.complete && elements != nullptr;
    if (elements == nullptr) {
        return;
    }
    for (const json& element : *elements) {
        auto rule = rule_of(json_at(element, properties), json_text(element, "name"));
        rules.complete = rules.complete && rule;
        if (rule) {
            rules.items.push_back(std::move(*rule));
        }
    }
}

std::optional<NetworkSecurityGroup> group_of(const json& item) {
    NetworkSecurityGroup group;
    group.id = json_text(item, "id");
    if (group.id.empty()) {
        return std::nullopt;
    }
    group.rules.complete = true;
    add_rules(group.rules, item, "properties.securityRules", "properties");
    add_rules(group.rules, item, "properties.defaultSecurityRules", "properties");
    return group;
}

std::optional<NetworkSecurityGroup> effective_group_of(const json& item) {
    NetworkSecurityGroup group;
    group.id = json_text(item, "networkSecurityGroup.id");
    if (group.id.empty()) {
        return std::nullopt;
    }
    group.effective = true;
    group.interface = json_text(item, "association.networkInterface.id");
    group.rules.complete = true;
    add_rules(group.rules, item, "effectiveSecurityRules", "");
    return group;
}

/// A route has several prefixes and makes one for each.
std::optional<std::vector<Route>> routes_of(const json& item) {
    std::vector<Route> routes;
    const std::string next_hop = json_text(item, "nextHopType");
    const std::vector<Cidr> networks = json_networks(item, "addressPrefix");
    if (next_hop.empty() || networks.empty()) {
        return std::nullopt;
    }
    if (same_without_case(json_text(item, "state"), "Invalid")) {
        return routes;
    }
    const std::vector<IpAddress> addresses = json_addresses(item, "nextHopIpAddress");
    for (const Cidr& network : networks) {
        routes.push_back({network, next_hop, addresses});
    }
    return routes;
}

}  // namespace

Parsed<Network> parse_virtual_networks(std::string_view body) {
    return parse_arm<Network>(body, network_of);
}

Parsed<Subnet> parse_azure_subnets(std::string_view body) {
    return parse_arm<Subnet>(body, subnet_of);
}

Parsed<NetworkSecurityGroup> parse_network_security_groups(std::string_view body) {
    return parse_arm<NetworkSecurityGroup>(body, group_of);
}

Parsed<NetworkSecurityGroup> parse_effective_groups(std::string_view body) {
    return parse_arm<NetworkSecurityGroup>(body, effective_group_of);
}

Parsed<Route> parse_effective_routes(std::string_view body) {
    auto lists = parse_arm<std::vector<Route>>(body, routes_of);
    if (!lists) {
        return std::nullopt;
    }
    Page<Route> page;
    page.next = std::move(lists->next);
    for (std::vector<Route>& routes : lists->items) {
        std::ranges::move(routes, std::back_inserter(page.items));
    }
    return page;
}

}  // namespace whylink::control
