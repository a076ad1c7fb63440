#include "control/http/operations.hpp"

#include <algorithm>
#include <array>

namespace whylink::control {

namespace {

constexpr std::string_view ec2_host = "ec2.{region}.{suffix}";
constexpr std::string_view elb_host = "elasticloadbalancing.{region}.{suffix}";
constexpr std::string_view sts_host = "sts.{region}.{suffix}";
constexpr std::string_view ec2_version = "2016-11-15";
constexpr std::string_view elb_version = "2015-12-01";
constexpr std::string_view sts_version = "2011-06-15";
constexpr std::string_view network_version = "2024-05-01";
constexpr std::string_view dns_version = "2024-06-01";
constexpr std::string_view compute_version = "2024-07-01";

#define NETWORK "/providers/Microsoft.Network/"
#define SUBSCRIPTION "/subscriptions/{subscription}" NETWORK
#define GROUP "/subscriptions/{subscription}/resourceGroups/{group}" NETWORK
#define ORGANIZATION "/v1/organizations/{organization}"

constexpr Operation ec2(Op op, std::string_view action, std::string_view name) {
    return {op, Api::ec2, Method::post, ec2_host, "/", action, ec2_version, name, name};
}

constexpr Operation elb(Op op, std::string_view action, std::string_view name) {
    return {op, Api::elb, Method::post, elb_host, "/", action, elb_version, name, name};
}

constexpr Operation sts(Op op, std::string_view action, std::string_view name, std::string_view permission) {
    return {op, Api::sts, Method::post, sts_host, "/", action, sts_version, name, permission};
}

constexpr Operation route53(Op op, std::string_view path, std::string_view name) {
    return {op, Api::route53, Method::get, "route53.{suffix}", path, {}, {}, name, name};
}

/// Its name is its permission: what a custom role has.
constexpr Operation arm(Op op, std::string_view path, std::string_view permission,
                        std::string_view version = network_version) {
    return {op, Api::arm, Method::get, "{management}", path, {}, version, permission, permission};
}

/// A POST that reads.
constexpr Operation arm_post(Op op, std::string_view path, std::string_view permission) {
    return {op, Api::arm, Method::post, "{management}", path, {}, network_version, permission, permission};
}

constexpr Operation clickhouse(Op op, std::string_view path, std::string_view name,
                               std::string_view permission) {
    return {op, Api::clickhouse, Method::get, "api.clickhouse.cloud", path, {}, {}, name, permission};
}

constexpr Operation local(Op op, Api api, Method method, std::string_view host, std::string_view path,
                          std::string_view name) {
    return {op, api, method, host, path, {}, {}, name, {}};
}

using enum Op;

constexpr std::array table{
    ec2(ec2_vpc_endpoints, "DescribeVpcEndpoints", "ec2:DescribeVpcEndpoints"),
    ec2(ec2_vpc_endpoint_connections, "DescribeVpcEndpointConnections", "ec2:DescribeVpcEndpointConnections"),
    ec2(ec2_vpc_endpoint_service_configurations, "DescribeVpcEndpointServiceConfigurations",
        "ec2:DescribeVpcEndpointServiceConfigurations"),
    ec2(ec2_vpc_endpoint_service_permissions, "DescribeVpcEndpointServicePermissions",
        "ec2:DescribeVpcEndpointServicePermissions"),
    ec2(ec2_vpc_endpoint_services, "DescribeVpcEndpointServices", "ec2:DescribeVpcEndpointServices"),
    ec2(ec2_network_interfaces, "DescribeNetworkInterfaces", "ec2:DescribeNetworkInterfaces"),
    ec2(ec2_security_groups, "DescribeSecurityGroups", "ec2:DescribeSecurityGroups"),
    ec2(ec2_managed_prefix_list_entries, "GetManagedPrefixListEntries", "ec2:GetManagedPrefixListEntries"),
    ec2(ec2_network_acls, "DescribeNetworkAcls", "ec2:DescribeNetworkAcls"),
    ec2(ec2_subnets, "DescribeSubnets", "ec2:DescribeSubnets"),
    ec2(ec2_availability_zones, "DescribeAvailabilityZones", "ec2:DescribeAvailabilityZones"),
    ec2(ec2_vpc_attribute, "DescribeVpcAttribute", "ec2:DescribeVpcAttribute"),
    elb(elb_load_balancers, "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
    elb(elb_load_balancer_attributes, "DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancerAttributes"),
    elb(elb_listeners, "DescribeListeners", "elasticloadbalancing:DescribeListeners"),
    elb(elb_listener_attributes, "DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListenerAttributes"),
    elb(elb_target_groups, "DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroups"),
    elb(elb_target_group_attributes, "DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroupAttributes"),
    elb(elb_target_health, "DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth"),
    route53(route53_hosted_zones_by_vpc, "/2013-04-01/hostedzonesbyvpc", "route53:ListHostedZonesByVPC"),
    route53(route53_record_sets, "/2013-04-01/hostedzone/{zone}/rrset", "route53:ListResourceRecordSets"),
    sts(sts_caller_identity, "GetCallerIdentity", "sts:GetCallerIdentity", {}),
    sts(sts_assume_role, "AssumeRole", "sts:AssumeRole", "sts:AssumeRole"),
    sts(sts_assume_role_with_web_identity, "AssumeRoleWithWebIdentity", "sts:AssumeRoleWithWebIdentity", {}),
    arm(arm_private_endpoints, SUBSCRIPTION "privateEndpoints", "Microsoft.Network/privateEndpoints/read"),
    arm(arm_private_endpoint, GROUP "privateEndpoints/{name}", "Microsoft.Network/privateEndpoints/read"),
    arm(arm_zone_groups, GROUP "privateEndpoints/{name}/privateDnsZoneGroups",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read"),
    arm(arm_network_interfaces, SUBSCRIPTION "networkInterfaces", "Microsoft.Network/networkInterfaces/read"),
    arm(arm_network_interface, GROUP "networkInterfaces/{name}", "Microsoft.Network/networkInterfaces/read"),
    arm(arm_private_link_services, SUBSCRIPTION "privateLinkServices",
        "Microsoft.Network/privateLinkServices/read"),
    arm(arm_private_link_service, GROUP "privateLinkServices/{name}",
        "Microsoft.Network/privateLinkServices/read"),
    arm(arm_endpoint_connections, GROUP "privateLinkServices/{name}/privateEndpointConnections",
        "Microsoft.Network/privateLinkServices/privateEndpointConnections/read"),
    arm(arm_private_dns_zones, SUBSCRIPTION "privateDnsZones", "Microsoft.Network/privateDnsZones/read",
        dns_version),
    arm(arm_zone_links, GROUP "privateDnsZones/{zone}/virtualNetworkLinks",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read", dns_version),
    arm(arm_zone_record, GROUP "privateDnsZones/{zone}/A/{name}", "Microsoft.Network/privateDnsZones/A/read",
        dns_version),
    arm(arm_virtual_network, GROUP "virtualNetworks/{name}", "Microsoft.Network/virtualNetworks/read"),
    arm(arm_subnet, GROUP "virtualNetworks/{parent}/subnets/{name}",
        "Microsoft.Network/virtualNetworks/subnets/read"),
    arm(arm_network_security_group, GROUP "networkSecurityGroups/{name}",
        "Microsoft.Network/networkSecurityGroups/read"),
    arm_post(arm_effective_security_groups, GROUP "networkInterfaces/{name}/effectiveNetworkSecurityGroups",
             "Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action"),
    arm_post(arm_effective_routes, GROUP "networkInterfaces/{name}/effectiveRouteTable",
             "Microsoft.Network/networkInterfaces/effectiveRouteTable/action"),
    arm(arm_operation_result, SUBSCRIPTION "locations/{location}/operationResults/{operation}", {}),
    arm(arm_load_balancer, GROUP "loadBalancers/{name}", "Microsoft.Network/loadBalancers/read"),
    arm(arm_virtual_machine,
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}",
        "Microsoft.Compute/virtualMachines/read", compute_version),
    local(entra_token, Api::entra, Method::post, "{login}", "/{tenant}/oauth2/v2.0/token", "entra:token"),
    clickhouse(clickhouse_organizations, "/v1/organizations", "clickhouse:organizations",
               "control-plane:organization:view"),
    clickhouse(clickhouse_services, ORGANIZATION "/services", "clickhouse:services",
               "control-plane:service:view"),
    clickhouse(clickhouse_private_endpoint_config, ORGANIZATION "/services/{service}/privateEndpointConfig",
               "clickhouse:privateEndpointConfig", "control-plane:service:view-private-endpoints"),
    local(aws_metadata_token, Api::aws_metadata, Method::put, "{aws_metadata}", "/latest/api/token",
          "imds:token"),
    local(aws_metadata_item, Api::aws_metadata, Method::get, "{aws_metadata}", "/latest/meta-data/{*item}",
          "imds:meta-data"),
    local(aws_metadata_document, Api::aws_metadata, Method::get, "{aws_metadata}",
          "/latest/dynamic/instance-identity/document", "imds:document"),
    local(aws_container_credentials, Api::aws_container, Method::get, "{container}", "/{*item}",
          "container:credentials"),
    local(azure_metadata_instance, Api::azure_metadata, Method::get, "169.254.169.254", "/metadata/instance",
          "imds:instance"),
    local(azure_metadata_token, Api::azure_metadata, Method::get, "169.254.169.254",
          "/metadata/identity/oauth2/token", "imds:token"),
    local(azure_identity_token, Api::azure_identity, Method::get, "{identity}", "/{*item}", "identity:token"),
};

#undef NETWORK
#undef SUBSCRIPTION
#undef GROUP
#undef ORGANIZATION

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].op != static_cast<Op>(i)) {
            return false;
        }
    }
    return table.size() == count_of<Op>;
}
static_assert(in_order(), "a row is missing, or not in the order of the enumerators");

constexpr bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

const Operation& operation(Op op) {
    return table[static_cast<std::size_t>(op)];
}

bool may_stand_in_path(std::string_view value) {
    constexpr std::size_t longest = 260;
    const auto stops = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f || c == '/' || c == '\\' || c == '?' || c == '#';
    };
    return !value.empty() && value.size() <= longest && value != "." && value != ".." &&
           std::ranges::none_of(value, stops);
}

bool may_stand_in_host(std::string_view value) {
    constexpr std::size_t longest = 63;
    return !value.empty() && value.size() <= longest && value.front() != '-' && value.back() != '-' &&
           std::ranges::all_of(value, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace whylink::control
