// Every request that the program can send. The table is closed: method, host pattern, path and action are here and
// nowhere else, a call names an operation and values for its placeholders, and none of them changes anything. A test
// checks the rows against the providers' own models.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/vocabulary.hpp"

namespace whylink::control {

/// PUT is for the session token of AWS' instance metadata alone.
enum class Method : std::uint8_t { get, post, put };
consteval auto vocabulary(Method) {
    using enum Method;
    return terms<Method>({{get, "GET"}, {post, "POST"}, {put, "PUT"}});
}

/// Who answers: decides authorisation, token bucket, how a body and an error are read, and whether a proxy may be used.
enum class Api : std::uint8_t {
    ec2,
    elb,
    route53,
    sts,
    arm,
    entra,  ///< login.microsoftonline.com
    clickhouse,
    aws_metadata,   ///< IMDS
    aws_container,  ///< credentials of ECS and EKS Pod Identity
    azure_metadata,
    azure_identity,  ///< App Service and Arc
};
consteval auto vocabulary(Api) {
    return terms_by_name<Api>();
}

/// In the order of the table.
enum class Op : std::uint8_t {
    ec2_vpc_endpoints,
    ec2_vpc_endpoint_connections,
    ec2_vpc_endpoint_service_configurations,
    ec2_vpc_endpoint_service_permissions,
    ec2_vpc_endpoint_services,
    ec2_network_interfaces,
    ec2_security_groups,
    ec2_managed_prefix_list_entries,
    ec2_network_acls,
    ec2_subnets,
    ec2_availability_zones,
    ec2_vpc_attribute,
    elb_load_balancers,
    elb_load_balancer_attributes,
    elb_listeners,
    elb_listener_attributes,
    elb_target_groups,
    elb_target_group_attributes,
    elb_target_health,
    route53_hosted_zones_by_vpc,
    route53_record_sets,
    sts_caller_identity,
    sts_assume_role,
    sts_assume_role_with_web_identity,
    arm_private_endpoints,
    arm_private_endpoint,
    arm_zone_groups,
    arm_network_interfaces,
    arm_network_interface,
    arm_private_link_services,
    arm_private_link_service,
    arm_endpoint_connections,
    arm_private_dns_zones,
    arm_zone_links,
    arm_zone_record,
    arm_virtual_network,
    arm_subnet,
    arm_network_security_group,
    arm_effective_security_groups,
    arm_effective_routes,
    arm_operation_result,
    arm_load_balancer,
    arm_virtual_machine,
    entra_token,
    clickhouse_organizations,
    clickhouse_services,
    clickhouse_private_endpoint_config,
    aws_metadata_token,
    aws_metadata_item,
    aws_metadata_document,
    aws_container_credentials,
    azure_metadata_instance,
    azure_metadata_token,
    azure_identity_token,
};
consteval auto vocabulary(Op) {
    return terms_by_name<Op>();
}

struct Operation {
    Op op;
    Api api;
    Method method;
    /// "ec2.{region}.{suffix}". {region} is one label of letters, digits and hyphens. The others are one of a closed list
    /// (call.cpp): {suffix} and {management} and {login} of the provider's domains, {aws_metadata}, {container} and
    /// {identity} of addresses on this host and its link.
    std::string_view host;
    /// "/v1/organizations/{organization}/services". A placeholder is one segment; "{*item}" is several.
    std::string_view path;
    /// AWS: the action in the body, with its API's version; ARM: the version alone, for the query.
    std::string_view action;
    std::string_view version;
    /// What metrics and `account check` call it, and the permission that it takes in the provider's own name.
    std::string_view name;
    std::string_view permission;
};

/// The row. `op` is one of the enumerators.
const Operation& operation(Op op);

/// The value of a placeholder is one that a path or a host may have: not empty, at most 260 bytes, no "/", "\\", "?", "#",
/// control characters, and not "." or "..". In a host: letters, digits and hyphens.
bool may_stand_in_path(std::string_view value);
bool may_stand_in_host(std::string_view value);

}  // namespace whylink::control
