// The link itself: endpoints, connections, services and who may connect.
#include "control/aws/parse.hpp"
#include "control/aws/parse_page.hpp"
#include "control/aws/states.hpp"

namespace whylink::control {

namespace {

/// A list that is there is complete.
Listed<std::string> listed_texts(const pugi::xml_node& node, const char* list) {
    return {texts_of(node, list), static_cast<bool>(node.child(list))};
}

/// Why an endpoint is what it is: `failureReason`, `lastError`.
std::string reason_of(const pugi::xml_node& item) {
    const pugi::xml_node error = item.child("lastError");
    const std::string code = text_of(error, "code");
    const std::string message = text_of(error, "message");
    std::string reason = text_of(item, "failureReason");
    if (code.empty() && message.empty()) {
        return reason;
    }
    return code.empty() || message.empty() ? code + message : code + ": " + message;
}

Endpoint endpoint_of(const pugi::xml_node& item) {
    Endpoint endpoint;
    endpoint.id = text_of(item, "vpcEndpointId");
    endpoint.type = text_of(item, "vpcEndpointType");
    endpoint.state_word = text_of(item, "state");
    endpoint.state = aws_connection_state(endpoint.state_word);
    endpoint.description = reason_of(item);
    endpoint.service = text_of(item, "serviceName");
    endpoint.owner = text_of(item, "ownerId");
    endpoint.network = text_of(item, "vpcId");
    endpoint.subnets = texts_of(item, "subnetIdSet");
    for (std::string& id : texts_of(item, "networkInterfaceIdSet")) {
        endpoint.interfaces.items.emplace_back().id = std::move(id);
    }
    endpoint.security_groups = texts_of(item, "groupSet", "groupId");
    for (const pugi::xml_node& entry : items_of(item, "dnsEntrySet")) {
        endpoint.dns_names.push_back(name_of(entry, "dnsName"));
    }
    endpoint.private_dns = bool_of(item, "privateDnsEnabled");
    endpoint.created_at = time_of(item, "creationTimestamp");
    return endpoint;
}

Connection connection_of(const pugi::xml_node& item) {
    Connection connection;
    connection.service = text_of(item, "serviceId");
    connection.endpoint = text_of(item, "vpcEndpointId");
    connection.owner = text_of(item, "vpcEndpointOwner");
    connection.state_word = text_of(item, "vpcEndpointState");
    connection.state = aws_connection_state(connection.state_word);
    connection.region = text_of(item, "vpcEndpointRegion");
    connection.balancers = texts_of(item, "networkLoadBalancerArnSet");
    connection.created_at = time_of(item, "creationTimestamp");
    return connection;
}

/// What owner and consumer both read of a service.
EndpointService described_service(const pugi::xml_node& item) {
    EndpointService service;
    service.id = text_of(item, "serviceId");
    service.name = text_of(item, "serviceName");
    service.acceptance_required = bool_of(item, "acceptanceRequired");
    service.zones = listed_texts(item, "availabilityZoneSet");
    service.zone_ids = listed_texts(item, "availabilityZoneIdSet");
    service.private_dns_name = name_of(item, "privateDnsName");
    return service;
}

/// As its owner reads it.
EndpointService configuration_of(const pugi::xml_node& item) {
    EndpointService service = described_service(item);
    service.own = true;
    service.state = text_of(item, "serviceState");
    service.balancers = texts_of(item, "networkLoadBalancerArnSet");
    service.private_dns_state = text_of(item.child("privateDnsNameConfiguration"), "state");
    service.regions = texts_of(item, "supportedRegionSet", "region");
    return service;
}

/// As a consumer reads it.
EndpointService service_of(const pugi::xml_node& item) {
    EndpointService service = described_service(item);
    service.owner = text_of(item, "owner");
    service.private_dns_state = text_of(item, "privateDnsNameVerificationState");
    if (std::string region = text_of(item, "serviceRegion"); !region.empty()) {
        service.regions.push_back(std::move(region));
    }
    return service;
}

}  // namespace

Parsed<Endpoint> parse_vpc_endpoints(std::string_view body) {
    return parse_page<Endpoint>(body, ec2_page("DescribeVpcEndpointsResponse", "vpcEndpointSet"),
                                endpoint_of);
}

Parsed<Connection> parse_vpc_endpoint_connections(std::string_view body) {
    return parse_page<Connection>(
        body, ec2_page("DescribeVpcEndpointConnectionsResponse", "vpcEndpointConnectionSet"), connection_of);
}

Parsed<EndpointService> parse_service_configurations(std::string_view body) {
    return parse_page<EndpointService>(
        body, ec2_page("DescribeVpcEndpointServiceConfigurationsResponse", "serviceConfigurationSet"),
        configuration_of);
}

Parsed<Principal> parse_service_permissions(std::string_view body) {
    return parse_page<Principal>(
        body, ec2_page("DescribeVpcEndpointServicePermissionsResponse", "allowedPrincipals"),
        [](const pugi::xml_node& item) {
            return Principal{text_of(item, "principalType"), text_of(item, "principal")};
        });
}

Parsed<EndpointService> parse_vpc_endpoint_services(std::string_view body) {
    return parse_page<EndpointService>(
        body, ec2_page("DescribeVpcEndpointServicesResponse", "serviceDetailSet"), service_of);
}

}  // namespace whylink::control
