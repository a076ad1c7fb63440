// The link itself: private endpoints and their interfaces, Private Link services and their connections.
#include <algorithm>
#include <array>
#include <iterator>

#include "checks/control/matches.hpp"
#include "config/dns_name.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/parse_page.hpp"
#include "control/azure/resource_id.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

std::string subscription_of(std::string_view id) {
    const auto parsed = ResourceId::parse(id);
    return parsed ? parsed->subscription : std::string();
}

void add_part(std::string& text, std::string_view part) {
    if (!part.empty()) {
        text += text.empty() ? "" : "; ";
        text += part;
    }
}

/// Why a connection is what it is: the approver's text, what is still to be done, and that Azure is not done with it.
std::string description_of(const json& state, std::string_view provisioning) {
    std::string text = json_text(state, "description");
    const std::string required = json_text(state, "actionsRequired");
    if (!required.empty() && required != "None") {
        add_part(text, "actions required: " + required);
    }
    if (!provisioning.empty() && provisioning != "Succeeded") {
        add_part(text, "provisioningState " + std::string(provisioning));
    }
    return text;
}

/// An approved connection is of use only once Azure has set it up.
ConnectionState state_of(std::string_view status, std::string_view provisioning) {
    const ConnectionState state = connection_state(status);
    if (same_without_case(provisioning, "Failed")) {
        return ConnectionState::failed;
    }
    if (same_without_case(provisioning, "Deleting")) {
        return ConnectionState::deleting;
    }
    const bool being_set_up =
        same_without_case(provisioning, "Updating") || same_without_case(provisioning, "Creating");
    return state == ConnectionState::available && being_set_up ? ConnectionState::setting_up : state;
}

/// An endpoint has one connection, in the list of how it was asked for.
const json& connection_in(const json& endpoint) {
    constexpr std::array lists{"properties.privateLinkServiceConnections",
                               "properties.manualPrivateLinkServiceConnections"};
    for (const char* list : lists) {
        const auto* connections = json_list(endpoint, list);
        if (connections != nullptr && !connections->empty()) {
            return connections->front();
        }
    }
    return json_at(endpoint, "properties.noConnection");
}

/// What an endpoint says itself of its addresses, which is nothing for one that was made by alias.
std::vector<IpAddress> addresses_in(const json& endpoint) {
    std::vector<IpAddress> addresses;
    const auto add = [&](const std::vector<IpAddress>& more) {
        std::ranges::copy_if(more, std::back_inserter(addresses), [&](const IpAddress& address) {
            return std::ranges::find(addresses, address) == addresses.end();
        });
    };
    if (const auto* configs = json_list(endpoint, "properties.customDnsConfigs")) {
        for (const json& config : *configs) {
            add(json_addresses(config, "ipAddresses"));
        }
    }
    for (const std::string& text :
         json_texts(endpoint, "properties.ipConfigurations", "properties.privateIPAddress")) {
        if (const auto address = IpAddress::parse(text)) {
            add({*address});
        }
    }
    return addresses;
}

void add_interfaces(Endpoint& endpoint, const json& item) {
    for (std::string& id : json_texts(item, "properties.networkInterfaces", "id")) {
        endpoint.interfaces.items.emplace_back().id = std::move(id);
    }
    std::vector<IpAddress> addresses = addresses_in(item);
    if (endpoint.interfaces.items.empty() && !addresses.empty()) {
        endpoint.interfaces.items.emplace_back();
    }
    if (endpoint.interfaces.items.size() == 1) {
        Interface& interface = endpoint.interfaces.items.front();
        interface.addresses = std::move(addresses);
        interface.subnet = json_text(item, "properties.subnet.id");
        interface.network = endpoint.network;
    }
}

std::optional<Endpoint> endpoint_of(const json& item) {
    Endpoint endpoint;
    endpoint.id = json_text(item, "id");
    if (endpoint.id.empty()) {
        return std::nullopt;
    }
    const json& connection = connection_in(item);
    const json& state = json_at(connection, "properties.privateLinkServiceConnectionState");
    const std::string provisioning = json_text(item, "properties.provisioningState");
    if (std::string guid = json_text(item, "properties.resourceGuid"); !guid.empty()) {
        endpoint.other_ids.push_back(std::move(guid));
    }
    endpoint.name = json_text(item, "name");
    endpoint.state_word = json_text(state, "status");
    endpoint.state = state_of(endpoint.state_word, provisioning);
    endpoint.description = description_of(state, provisioning);
    endpoint.service = json_text(connection, "properties.privateLinkServiceId");
    endpoint.group_ids = json_texts(connection, "properties.groupIds");
    endpoint.owner = subscription_of(endpoint.id);
    endpoint.region = json_text(item, "location");
    if (std::string subnet = json_text(item, "properties.subnet.id"); !subnet.empty()) {
        endpoint.network = parent_of(subnet);
        endpoint.subnets.push_back(std::move(subnet));
    }
    add_interfaces(endpoint, item);
    for (const std::string& name : json_texts(item, "properties.customDnsConfigs", "fqdn")) {
        endpoint.dns_names.push_back(canonical_name(name));
    }
    return endpoint;
}

std::optional<Interface> interface_of(const json& item) {
    Interface interface;
    interface.id = json_text(item, "id");
    const auto* configurations = json_list(item, "properties.ipConfigurations");
    if (interface.id.empty() || configurations == nullptr) {
        return std::nullopt;
    }
    for (const json& configuration : *configurations) {
        if (const auto address = IpAddress::parse(json_text(configuration, "properties.privateIPAddress"))) {
            interface.addresses.push_back(*address);
        }
        if (interface.subnet.empty()) {
            interface.subnet = json_text(configuration, "properties.subnet.id");
            interface.network = parent_of(interface.subnet);
        }
        for (std::string& group : json_texts(configuration, "properties.applicationSecurityGroups", "id")) {
            if (std::ranges::find(interface.security_groups, group) == interface.security_groups.end()) {
                interface.security_groups.push_back(std::move(group));
            }
        }
    }
    interface.network_security_group = json_text(item, "properties.networkSecurityGroup.id");
    return interface;
}

std::optional<Connection> connection_of(const json& item) {
    Connection connection;
    connection.service = parent_of(json_text(item, "id"));
    connection.endpoint = json_text(item, "properties.privateEndpoint.id");
    const json& state = json_at(item, "properties.privateLinkServiceConnectionState");
    connection.state_word = json_text(state, "status");
    if (connection.service.empty() || connection.state_word.empty()) {
        return std::nullopt;
    }
    const std::string provisioning = json_text(item, "properties.provisioningState");
    connection.owner = subscription_of(connection.endpoint);
    connection.state = state_of(connection.state_word, provisioning);
    connection.description = description_of(state, provisioning);
    connection.region = json_text(item, "properties.privateEndpointLocation");
    connection.link_id = json_text(item, "properties.linkIdentifier");
    return connection;
}

Listed<Principal> principals_in(const json& item, std::string_view path) {
    Listed<Principal> principals;
    principals.complete = json_list(item, path) != nullptr;
    for (std::string& id : json_texts(item, path)) {
        principals.items.push_back({"subscription", std::move(id)});
    }
    return principals;
}

/// Nothing where not every subscription is known or some are approved and others are not.
std::optional<bool> needs_acceptance(const Listed<Principal>& approved) {
    if (std::ranges::find(approved.items, "*", &Principal::id) != approved.items.end()) {
        return false;
    }
    return approved.complete && approved.items.empty() ? std::optional(true) : std::nullopt;
}

/// One that is not to be understood leaves the list incomplete.
Listed<Connection> connections_in(const json& item) {
    Listed<Connection> connections;
    const auto* list = json_list(item, "properties.privateEndpointConnections");
    connections.complete = list != nullptr;
    if (list == nullptr) {
        return connections;
    }
    for (const json& element : *list) {
        auto connection = connection_of(element);
        connections.complete = connections.complete && connection;
        if (connection) {
            connections.items.push_back(std::move(*connection));
        }
    }
    return connections;
}

std::optional<ServiceWithConnections> service_of(const json& item) {
    ServiceWithConnections made;
    EndpointService& service = made.service;
    service.own = true;
    service.id = json_text(item, "id");
    if (service.id.empty()) {
        return std::nullopt;
    }
    service.name = json_text(item, "properties.alias");
    service.state = json_text(item, "properties.provisioningState");
    service.owner = subscription_of(service.id);
    service.allowed = principals_in(item, "properties.visibility.subscriptions");
    service.auto_approved = principals_in(item, "properties.autoApproval.subscriptions");
    service.acceptance_required = needs_acceptance(service.auto_approved);
    service.proxy_header = json_flag(item, "properties.enableProxyProtocol");
    if (std::string location = json_text(item, "location"); !location.empty()) {
        service.regions.push_back(std::move(location));
    }
    made.frontends = json_texts(item, "properties.loadBalancerFrontendIpConfigurations", "id");
    for (const std::string& frontend : made.frontends) {
        std::string balancer = parent_of(frontend);
        if (!balancer.empty() && std::ranges::find(service.balancers, balancer) == service.balancers.end()) {
            service.balancers.push_back(std::move(balancer));
        }
    }
    made.connections = connections_in(item);
    return made;
}

}  // namespace

Parsed<Endpoint> parse_private_endpoints(std::string_view body) {
    return parse_arm<Endpoint>(body, endpoint_of);
}

Parsed<Interface> parse_azure_interfaces(std::string_view body) {
    return parse_arm<Interface>(body, interface_of);
}

Parsed<std::string> parse_machine_interfaces(std::string_view body) {
    const Parsed<json> page = parse_arm_page(body);
    if (!page || page->items.size() != 1 ||
        json_list(page->items.front(), "properties.networkProfile.networkInterfaces") == nullptr) {
        return std::nullopt;
    }
    return Page<std::string>{
        json_texts(page->items.front(), "properties.networkProfile.networkInterfaces", "id"), {}};
}

Parsed<ServiceWithConnections> parse_private_link_services(std::string_view body) {
    return parse_arm<ServiceWithConnections>(body, service_of);
}

Parsed<Connection> parse_endpoint_connections(std::string_view body) {
    return parse_arm<Connection>(body, connection_of);
}

}  // namespace whylink::control
