// The causes that a diagnosis can have. What is said of each is in checks/texts/causes.toml.
#pragma once

#include <cstdint>

#include "config/enum_set.hpp"
#include "config/vocabulary.hpp"

namespace whylink {

enum class Cause : std::uint8_t {
    healthy,
    private_dns_missing,
    private_dns_bypassed,
    wrong_dns_record,
    wildcard_missing,
    wildcard_overridden,
    resolvers_disagree,
    resolver_rewrites,
    resolver_unreachable,
    resolver_failing,
    syn_unanswered,
    one_address_failing,
    connection_refused,
    path_prohibited,
    local_firewall,
    no_route,
    not_on_allowlist,
    reset_mid_connection,
    reset_in_path,
    backend_silent,
    path_mtu_black_hole,
    proxy_protocol_mismatch,
    wrong_service,
    service_failing,
    certificate_problem,
    tls_incompatible,
    client_certificate_required,
    access_forbidden,
    no_inbound_traffic,
    local_network_down,
    local_limit,
    intermittent,
    local_interception,
    filtered_in_path,
    wrong_server_name,
    private_zone_shadows,
    dns_cache_stale,
    connection_pending,
    connection_rejected,
    cloud_firewall,
    backend_unhealthy,
    service_stopped,
};

using CauseSet = EnumSet<Cause, 64>;

consteval auto vocabulary(Cause) {
    using enum Cause;
    return terms<Cause>({
        {healthy, "healthy"},
        {private_dns_missing, "private_dns_missing"},
        {private_dns_bypassed, "private_dns_bypassed"},
        {wrong_dns_record, "wrong_dns_record"},
        {wildcard_missing, "wildcard_missing"},
        {wildcard_overridden, "wildcard_overridden"},
        {resolvers_disagree, "resolvers_disagree"},
        {resolver_rewrites, "resolver_rewrites"},
        {resolver_unreachable, "resolver_unreachable"},
        {resolver_failing, "resolver_failing"},
        {syn_unanswered, "syn_unanswered"},
        {one_address_failing, "one_address_failing"},
        {connection_refused, "connection_refused"},
        {path_prohibited, "path_prohibited"},
        {local_firewall, "local_firewall"},
        {no_route, "no_route"},
        {not_on_allowlist, "not_on_allowlist"},
        {reset_mid_connection, "reset_mid_connection"},
        {reset_in_path, "reset_in_path"},
        {backend_silent, "backend_silent"},
        {path_mtu_black_hole, "path_mtu_black_hole"},
        {proxy_protocol_mismatch, "proxy_protocol_mismatch"},
        {wrong_service, "wrong_service"},
        {service_failing, "service_failing"},
        {certificate_problem, "certificate_problem"},
        {tls_incompatible, "tls_incompatible"},
        {client_certificate_required, "client_certificate_required"},
        {access_forbidden, "access_forbidden"},
        {no_inbound_traffic, "no_inbound_traffic"},
        {local_network_down, "local_network_down"},
        {local_limit, "local_limit"},
        {intermittent, "intermittent"},
        {local_interception, "local_interception"},
        {filtered_in_path, "filtered_in_path"},
        {wrong_server_name, "wrong_server_name"},
        {private_zone_shadows, "private_zone_shadows"},
        {dns_cache_stale, "dns_cache_stale"},
        {connection_pending, "connection_pending"},
        {connection_rejected, "connection_rejected"},
        {cloud_firewall, "cloud_firewall"},
        {backend_unhealthy, "backend_unhealthy"},
        {service_stopped, "service_stopped"},
    });
}

}  // namespace whylink
