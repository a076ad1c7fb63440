// The causes that a diagnosis can have, by their slugs: what a profile's remedies are for. A test holds them
// to the table of causes, which is a layer above.
#pragma once

#include <array>
#include <string_view>

namespace whylink::config {

inline constexpr std::array<std::string_view, 32> cause_slugs{
    "healthy",
    "private_dns_missing",
    "private_dns_bypassed",
    "wrong_dns_record",
    "wildcard_missing",
    "wildcard_overridden",
    "resolvers_disagree",
    "resolver_rewrites",
    "resolver_unreachable",
    "resolver_failing",
    "syn_unanswered",
    "one_address_failing",
    "connection_refused",
    "path_prohibited",
    "local_firewall",
    "no_route",
    "not_on_allowlist",
    "reset_mid_connection",
    "reset_in_path",
    "backend_silent",
    "path_mtu_black_hole",
    "proxy_protocol_mismatch",
    "wrong_service",
    "service_failing",
    "certificate_problem",
    "tls_incompatible",
    "client_certificate_required",
    "access_forbidden",
    "no_inbound_traffic",
    "local_network_down",
    "local_limit",
    "intermittent",
};

}  // namespace whylink::config
