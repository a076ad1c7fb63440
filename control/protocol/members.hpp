// The members of each type that goes over the socket, named once. A new member is a row here.
#pragma once

#include <tuple>
#include <utility>

#include "checks/control/facts.hpp"
#include "checks/control/subject.hpp"
#include "config/account.hpp"
#include "control/protocol/messages.hpp"

namespace whylink::config {

// Found by the codec beside the type.
constexpr auto members(const Account* /*of*/) {
    using S = Account;
    return std::tuple{std::pair{"name", &S::name},
                      std::pair{"provider", &S::provider},
                      std::pair{"region", &S::region},
                      std::pair{"profile", &S::profile},
                      std::pair{"credentials_file", &S::credentials_file},
                      std::pair{"role_arn", &S::role_arn},
                      std::pair{"subscription", &S::subscription},
                      std::pair{"tenant_id", &S::tenant_id},
                      std::pair{"client_id", &S::client_id},
                      std::pair{"client_secret_file", &S::client_secret_file},
                      std::pair{"project", &S::project},
                      std::pair{"key_id", &S::key_id},
                      std::pair{"key_secret_file", &S::key_secret_file},
                      std::pair{"organization", &S::organization},
                      std::pair{"interval_ms", &S::interval},
                      std::pair{"interactive", &S::interactive}};
}

}  // namespace whylink::config

namespace whylink::control {

constexpr auto members(const Word* /*of*/) {
    using S = Word;
    return std::tuple{std::pair{"name", &S::name}, std::pair{"value", &S::value}};
}

constexpr auto members(const Read* /*of*/) {
    using S = Read;
    return std::tuple{std::pair{"account", &S::account}, std::pair{"read", &S::read},
                      std::pair{"result", &S::result},   std::pair{"read_at", &S::read_at},
                      std::pair{"facts", &S::facts},     std::pair{"detail", &S::detail},
                      std::pair{"targets", &S::targets}};
}

constexpr auto members(const Origin* /*of*/) {
    using S = Origin;
    return std::tuple{std::pair{"account", &S::account}, std::pair{"read_at", &S::read_at}};
}

constexpr auto members(const Interface* /*of*/) {
    using S = Interface;
    return std::tuple{std::pair{"id", &S::id},
                      std::pair{"subnet", &S::subnet},
                      std::pair{"network", &S::network},
                      std::pair{"zone", &S::zone},
                      std::pair{"zone_id", &S::zone_id},
                      std::pair{"addresses", &S::addresses},
                      std::pair{"security_groups", &S::security_groups},
                      std::pair{"network_security_group", &S::network_security_group}};
}

constexpr auto members(const Endpoint* /*of*/) {
    using S = Endpoint;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"id", &S::id},
                      std::pair{"other_ids", &S::other_ids},
                      std::pair{"name", &S::name},
                      std::pair{"type", &S::type},
                      std::pair{"state", &S::state},
                      std::pair{"state_word", &S::state_word},
                      std::pair{"description", &S::description},
                      std::pair{"service", &S::service},
                      std::pair{"owner", &S::owner},
                      std::pair{"region", &S::region},
                      std::pair{"network", &S::network},
                      std::pair{"subnets", &S::subnets},
                      std::pair{"interfaces", &S::interfaces},
                      std::pair{"security_groups", &S::security_groups},
                      std::pair{"dns_names", &S::dns_names},
                      std::pair{"private_dns", &S::private_dns},
                      std::pair{"global_access", &S::global_access},
                      std::pair{"group_ids", &S::group_ids},
                      std::pair{"created_at", &S::created_at}};
}

constexpr auto members(const Connection* /*of*/) {
    using S = Connection;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"service", &S::service},
                      std::pair{"endpoint", &S::endpoint},
                      std::pair{"owner", &S::owner},
                      std::pair{"state", &S::state},
                      std::pair{"state_word", &S::state_word},
                      std::pair{"description", &S::description},
                      std::pair{"region", &S::region},
                      std::pair{"link_id", &S::link_id},
                      std::pair{"balancers", &S::balancers},
                      std::pair{"created_at", &S::created_at}};
}

constexpr auto members(const Principal* /*of*/) {
    using S = Principal;
    return std::tuple{std::pair{"type", &S::type}, std::pair{"id", &S::id}};
}

constexpr auto members(const EndpointService* /*of*/) {
    using S = EndpointService;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"own", &S::own},
                      std::pair{"id", &S::id},
                      std::pair{"name", &S::name},
                      std::pair{"state", &S::state},
                      std::pair{"owner", &S::owner},
                      std::pair{"acceptance_required", &S::acceptance_required},
                      std::pair{"zones", &S::zones},
                      std::pair{"zone_ids", &S::zone_ids},
                      std::pair{"balancers", &S::balancers},
                      std::pair{"private_dns_name", &S::private_dns_name},
                      std::pair{"private_dns_state", &S::private_dns_state},
                      std::pair{"allowed", &S::allowed},
                      std::pair{"auto_approved", &S::auto_approved},
                      std::pair{"proxy_header", &S::proxy_header},
                      std::pair{"regions", &S::regions}};
}

constexpr auto members(const PortRange* /*of*/) {
    using S = PortRange;
    return std::tuple{std::pair{"from", &S::from}, std::pair{"to", &S::to}};
}

constexpr auto members(const SecurityGroupRule* /*of*/) {
    using S = SecurityGroupRule;
    return std::tuple{std::pair{"toward", &S::toward},
                      std::pair{"protocol", &S::protocol},
                      std::pair{"ports", &S::ports},
                      std::pair{"networks", &S::networks},
                      std::pair{"prefix_lists", &S::prefix_lists},
                      std::pair{"groups", &S::groups}};
}

constexpr auto members(const SecurityGroup* /*of*/) {
    using S = SecurityGroup;
    return std::tuple{std::pair{"origin", &S::origin}, std::pair{"id", &S::id}, std::pair{"name", &S::name},
                      std::pair{"network", &S::network}, std::pair{"rules", &S::rules}};
}

constexpr auto members(const PrefixList* /*of*/) {
    using S = PrefixList;
    return std::tuple{std::pair{"origin", &S::origin}, std::pair{"id", &S::id},
                      std::pair{"networks", &S::networks}};
}

constexpr auto members(const NetworkAclEntry* /*of*/) {
    using S = NetworkAclEntry;
    return std::tuple{std::pair{"number", &S::number}, std::pair{"toward", &S::toward},
                      std::pair{"allow", &S::allow},   std::pair{"protocol", &S::protocol},
                      std::pair{"ports", &S::ports},   std::pair{"network", &S::network}};
}

constexpr auto members(const NetworkAcl* /*of*/) {
    using S = NetworkAcl;
    return std::tuple{std::pair{"origin", &S::origin}, std::pair{"id", &S::id},
                      std::pair{"subnets", &S::subnets}, std::pair{"entries", &S::entries}};
}

constexpr auto members(const NsgSide* /*of*/) {
    using S = NsgSide;
    return std::tuple{std::pair{"prefixes", &S::prefixes},
                      std::pair{"application_groups", &S::application_groups}, std::pair{"ports", &S::ports}};
}

constexpr auto members(const NsgRule* /*of*/) {
    using S = NsgRule;
    return std::tuple{std::pair{"name", &S::name},
                      std::pair{"priority", &S::priority},
                      std::pair{"toward", &S::toward},
                      std::pair{"allow", &S::allow},
                      std::pair{"protocol", &S::protocol},
                      std::pair{"source", &S::source},
                      std::pair{"destination", &S::destination}};
}

constexpr auto members(const NetworkSecurityGroup* /*of*/) {
    using S = NetworkSecurityGroup;
    return std::tuple{std::pair{"origin", &S::origin}, std::pair{"id", &S::id},
                      std::pair{"effective", &S::effective}, std::pair{"interface", &S::interface},
                      std::pair{"rules", &S::rules}};
}

constexpr auto members(const Route* /*of*/) {
    using S = Route;
    return std::tuple{std::pair{"network", &S::network}, std::pair{"next_hop", &S::next_hop},
                      std::pair{"next_hop_addresses", &S::next_hop_addresses}};
}

constexpr auto members(const RouteTable* /*of*/) {
    using S = RouteTable;
    return std::tuple{std::pair{"origin", &S::origin}, std::pair{"interface", &S::interface},
                      std::pair{"routes", &S::routes}};
}

constexpr auto members(const Subnet* /*of*/) {
    using S = Subnet;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"id", &S::id},
                      std::pair{"network", &S::network},
                      std::pair{"zone", &S::zone},
                      std::pair{"zone_id", &S::zone_id},
                      std::pair{"networks", &S::networks},
                      std::pair{"endpoint_policies", &S::endpoint_policies},
                      std::pair{"network_security_group", &S::network_security_group},
                      std::pair{"route_table", &S::route_table}};
}

constexpr auto members(const Network* /*of*/) {
    using S = Network;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"id", &S::id},
                      std::pair{"networks", &S::networks},
                      std::pair{"dns_support", &S::dns_support},
                      std::pair{"dns_hostnames", &S::dns_hostnames},
                      std::pair{"dns_servers", &S::dns_servers}};
}

constexpr auto members(const ZoneLink* /*of*/) {
    using S = ZoneLink;
    return std::tuple{std::pair{"id", &S::id}, std::pair{"network", &S::network},
                      std::pair{"state", &S::state}, std::pair{"resolution_policy", &S::resolution_policy},
                      std::pair{"registration", &S::registration}};
}

constexpr auto members(const DnsRecord* /*of*/) {
    using S = DnsRecord;
    return std::tuple{std::pair{"name", &S::name},   std::pair{"type", &S::type},
                      std::pair{"ttl", &S::ttl},     std::pair{"values", &S::values},
                      std::pair{"alias", &S::alias}, std::pair{"kept_by", &S::kept_by}};
}

constexpr auto members(const DnsZone* /*of*/) {
    using S = DnsZone;
    return std::tuple{std::pair{"origin", &S::origin},  std::pair{"id", &S::id},
                      std::pair{"name", &S::name},      std::pair{"owner", &S::owner},
                      std::pair{"links", &S::links},    std::pair{"asked", &S::asked},
                      std::pair{"records", &S::records}};
}

constexpr auto members(const NetworkZones* /*of*/) {
    using S = NetworkZones;
    return std::tuple{std::pair{"origin", &S::origin}, std::pair{"network", &S::network},
                      std::pair{"zones", &S::zones}};
}

constexpr auto members(const ZoneGroup* /*of*/) {
    using S = ZoneGroup;
    return std::tuple{std::pair{"origin", &S::origin}, std::pair{"endpoint", &S::endpoint},
                      std::pair{"zones", &S::zones}, std::pair{"records", &S::records}};
}

constexpr auto members(const BalancerZone* /*of*/) {
    using S = BalancerZone;
    return std::tuple{std::pair{"name", &S::name}, std::pair{"subnet", &S::subnet},
                      std::pair{"addresses", &S::addresses}};
}

constexpr auto members(const LoadBalancer* /*of*/) {
    using S = LoadBalancer;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"id", &S::id},
                      std::pair{"name", &S::name},
                      std::pair{"state", &S::state},
                      std::pair{"zones", &S::zones},
                      std::pair{"security_groups", &S::security_groups},
                      std::pair{"groups_apply_to_endpoints", &S::groups_apply_to_endpoints},
                      std::pair{"cross_zone", &S::cross_zone}};
}

constexpr auto members(const Listener* /*of*/) {
    using S = Listener;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"id", &S::id},
                      std::pair{"balancer", &S::balancer},
                      std::pair{"port", &S::port},
                      std::pair{"protocol", &S::protocol},
                      std::pair{"target_groups", &S::target_groups},
                      std::pair{"idle_timeout", &S::idle_timeout},
                      std::pair{"resets_idle", &S::resets_idle}};
}

constexpr auto members(const Target* /*of*/) {
    using S = Target;
    return std::tuple{std::pair{"id", &S::id},
                      std::pair{"port", &S::port},
                      std::pair{"zone", &S::zone},
                      std::pair{"state", &S::state},
                      std::pair{"state_word", &S::state_word},
                      std::pair{"reason", &S::reason},
                      std::pair{"description", &S::description}};
}

constexpr auto members(const TargetGroup* /*of*/) {
    using S = TargetGroup;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"id", &S::id},
                      std::pair{"name", &S::name},
                      std::pair{"protocol", &S::protocol},
                      std::pair{"port", &S::port},
                      std::pair{"proxy_header", &S::proxy_header},
                      std::pair{"keeps_client_address", &S::keeps_client_address},
                      std::pair{"ends_connections_when_unhealthy", &S::ends_connections_when_unhealthy},
                      std::pair{"targets", &S::targets}};
}

constexpr auto members(const ServiceAddress* /*of*/) {
    using S = ServiceAddress;
    return std::tuple{std::pair{"protocol", &S::protocol}, std::pair{"host", &S::host},
                      std::pair{"port", &S::port}};
}

constexpr auto members(const VendorService* /*of*/) {
    using S = VendorService;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"id", &S::id},
                      std::pair{"name", &S::name},
                      std::pair{"organization", &S::organization},
                      std::pair{"provider", &S::provider},
                      std::pair{"region", &S::region},
                      std::pair{"state", &S::state},
                      std::pair{"state_word", &S::state_word},
                      std::pair{"addresses", &S::addresses},
                      std::pair{"allow_list", &S::allow_list},
                      std::pair{"endpoint_service", &S::endpoint_service},
                      std::pair{"private_host", &S::private_host},
                      std::pair{"ip_access", &S::ip_access}};
}

constexpr auto members(const Instance* /*of*/) {
    using S = Instance;
    return std::tuple{std::pair{"origin", &S::origin},
                      std::pair{"cloud", &S::cloud},
                      std::pair{"id", &S::id},
                      std::pair{"account", &S::account},
                      std::pair{"region", &S::region},
                      std::pair{"zone", &S::zone},
                      std::pair{"zone_id", &S::zone_id},
                      std::pair{"identity", &S::identity},
                      std::pair{"interfaces", &S::interfaces}};
}

constexpr auto members(const CompleteListing* /*of*/) {
    using S = CompleteListing;
    return std::tuple{std::pair{"origin", &S::origin}, std::pair{"read", &S::read},
                      std::pair{"scope", &S::scope}};
}

constexpr auto members(const Facts* /*of*/) {
    using S = Facts;
    return std::tuple{std::pair{"instances", &S::instances},
                      std::pair{"endpoints", &S::endpoints},
                      std::pair{"connections", &S::connections},
                      std::pair{"services", &S::services},
                      std::pair{"security_groups", &S::security_groups},
                      std::pair{"prefix_lists", &S::prefix_lists},
                      std::pair{"network_acls", &S::network_acls},
                      std::pair{"network_security_groups", &S::network_security_groups},
                      std::pair{"route_tables", &S::route_tables},
                      std::pair{"subnets", &S::subnets},
                      std::pair{"networks", &S::networks},
                      std::pair{"zones", &S::zones},
                      std::pair{"network_zones", &S::network_zones},
                      std::pair{"zone_groups", &S::zone_groups},
                      std::pair{"balancers", &S::balancers},
                      std::pair{"listeners", &S::listeners},
                      std::pair{"target_groups", &S::target_groups},
                      std::pair{"vendor_services", &S::vendor_services},
                      std::pair{"complete", &S::complete}};
}

constexpr auto members(const Readings* /*of*/) {
    using S = Readings;
    return std::tuple{std::pair{"reads", &S::reads}, std::pair{"facts", &S::facts}};
}

constexpr auto members(const Subject* /*of*/) {
    using S = Subject;
    return std::tuple{std::pair{"target", &S::target},
                      std::pair{"side", &S::side},
                      std::pair{"vendor", &S::vendor},
                      std::pair{"host", &S::host},
                      std::pair{"port", &S::port},
                      std::pair{"names", &S::names},
                      std::pair{"addresses", &S::addresses},
                      std::pair{"expect", &S::expect},
                      std::pair{"endpoint_id", &S::endpoint_id},
                      std::pair{"service", &S::service},
                      std::pair{"sources", &S::sources},
                      std::pair{"peers", &S::peers}};
}

constexpr auto members(const ReadRequest* /*of*/) {
    using S = ReadRequest;
    return std::tuple{std::pair{"id", &S::id}, std::pair{"account", &S::account},
                      std::pair{"subjects", &S::subjects}, std::pair{"not_before", &S::not_before},
                      std::pair{"timeout_ms", &S::timeout_ms}};
}

constexpr auto members(const CheckRequest* /*of*/) {
    using S = CheckRequest;
    return std::tuple{std::pair{"id", &S::id}, std::pair{"account", &S::account},
                      std::pair{"timeout_ms", &S::timeout_ms}};
}

constexpr auto members(const WhereRequest* /*of*/) {
    using S = WhereRequest;
    return std::tuple{std::pair{"id", &S::id}, std::pair{"cloud", &S::cloud},
                      std::pair{"timeout_ms", &S::timeout_ms}};
}

constexpr auto members(const Calls* /*of*/) {
    using S = Calls;
    return std::tuple{std::pair{"read", &S::read}, std::pair{"result", &S::result},
                      std::pair{"count", &S::count}};
}

constexpr auto members(const ReadAnswer* /*of*/) {
    using S = ReadAnswer;
    return std::tuple{std::pair{"id", &S::id}, std::pair{"readings", &S::readings},
                      std::pair{"calls", &S::calls}};
}

constexpr auto members(const Access* /*of*/) {
    using S = Access;
    return std::tuple{std::pair{"operation", &S::operation}, std::pair{"permission", &S::permission},
                      std::pair{"result", &S::result}, std::pair{"detail", &S::detail}};
}

constexpr auto members(const CheckAnswer* /*of*/) {
    using S = CheckAnswer;
    return std::tuple{std::pair{"id", &S::id},
                      std::pair{"account", &S::account},
                      std::pair{"identity", &S::identity},
                      std::pair{"source", &S::source},
                      std::pair{"access", &S::access},
                      std::pair{"policy", &S::policy}};
}

constexpr auto members(const Refusal* /*of*/) {
    using S = Refusal;
    return std::tuple{std::pair{"id", &S::id}, std::pair{"reason", &S::reason}};
}

template <class T>
constexpr auto members(const Listed<T>* /*of*/) {
    using S = Listed<T>;
    return std::tuple{std::pair{"items", &S::items}, std::pair{"complete", &S::complete}};
}

}  // namespace whylink::control
