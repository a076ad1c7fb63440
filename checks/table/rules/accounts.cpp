// What the APIs of the provider and of the vendor say, where the wire shows a failure that fits.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

// Addresses that somebody on the way hands out have their own rows.
constexpr FactSet settled_by_dns{zone,           answers_differ,  control_resolves, random_none,
                                 name_right,     name_unexpected, name_fake,        name_of_mesh,
                                 name_of_google, name_of_lattice, name_blocked};

constexpr Row name_rows[]{
    {.cause = private_dns_missing,
     .when = {name_missing, zone_incomplete},
     .unless = {zone, answers_differ, control_resolves, random_none, name_right, name_elsewhere},
     .best = high,
     .summary = "{host} has no address here: {zone_reason}.",
     .fault = "account_zone"},
    {.cause = private_dns_bypassed,
     .when = {name_public, zone_incomplete},
     .unless = settled_by_dns,
     .best = high,
     .summary = "{host} resolves to a public address ({answers}): {zone_reason}.",
     .fault = "account_zone"},
    {.cause = wrong_dns_record,
     .when = {name_unexpected, record_is_wrong},
     .unless = {zone, answers_differ, control_resolves, name_right, name_missing},
     .best = high,
     .summary = "{host} resolves to {answers}; {account_endpoint} has {right_address}.",
     .fault = "account_right_address"},
};

constexpr Row traffic_rows[]{
    {.cause = connection_pending,
     .when = {peer_waits, traffic_missing},
     .unless = not_there,
     .best = high,
     .summary =
         "No traffic of {host}: the connection of {account_connection} waits for acceptance by this side.",
     .fault = "account_peer_waits"},
    {.cause = connection_pending,
     .when = {peer_waits, all_pass},
     .unless = {comes_and_goes},
     .best = high,
     .summary = "The connection of {account_connection} to {host} waits for acceptance by this side.",
     .fault = "account_peer_waits"},
    {.cause = connection_rejected,
     .when = {link_ended, traffic_missing},
     .unless = not_there,
     .best = high,
     .summary = "No traffic of {host}: {account_endpoint} {account_state}, and there is no other connection.",
     .fault = "account_peer_ended"},
    {backend_unhealthy,
     {targets_unhealthy, traffic_missing},
     {not_listening, peer_waits, link_ended},
     high,
     "No traffic of {host}: the load balancer has no healthy target ({target_group})."},
    {proxy_protocol_mismatch,
     {proxy_header_unwanted, balancer_sends_header},
     not_there,
     high,
     "The load balancer puts a PROXY header before connections to {host}, and the application closes "
     "them: {detail}."},
};

constexpr Row rows[]{
    {.cause = wrong_dns_record,
     .when = {record_is_wrong, address_fails},
     .unless = {address_works, name_unexpected},
     .best = high,
     .summary = "{host} resolves to {answers}; {account_endpoint} has {right_address}.",
     .fault = "account_right_address"},
    {connection_pending,
     {link_waits, nothing_came_back},
     some_work,
     high,
     "{account_endpoint} {account_state}: nothing passes until then."},
    {connection_rejected,
     {link_ended, nothing_came_back},
     some_work,
     high,
     "{account_endpoint} {account_state}: nothing passes through it."},
    // Another account may have it.
    {connection_rejected,
     {link_absent, nothing_came_back},
     some_work,
     medium,
     "No account that was read has {endpoint_id}: the endpoint is deleted, or belongs to another account."},
    {cloud_firewall,
     {rule_denies, tcp_timeout},
     some_work,
     high,
     "A rule of the account drops connections to {address} port {port}. {account_rule}."},
    {service_stopped,
     {vendor_stopped, nothing_came_back},
     some_work,
     high,
     "{host} port {port} does not answer, and by the vendor's API {vendor_state}."},
    {not_on_allowlist,
     {id_not_listed, accepted_then_reset},
     {address_works, accepted_then_closed, proxy_header_answered, tls12_answered},
     high,
     "{host} accepts the connection and resets it before the first byte: the allow-list of {service} "
     "does not have {endpoint_id}."},
    {not_on_allowlist,
     {id_not_listed, accepted_then_closed},
     {address_works, proxy_header_answered, tls12_answered},
     high,
     "{host} accepts the connection and closes it before the first byte: the allow-list of {service} "
     "does not have {endpoint_id}."},
    // The first connection may wake it.
    {service_stopped,
     {vendor_idle, nothing_came_back},
     {address_works, id_not_listed},
     medium,
     "{host} port {port} does not answer, and by the vendor's API {vendor_state}."},
    // Whether the server knows such a header is not the account's to say.
    {proxy_protocol_mismatch,
     {balancer_sends_header, accepted_then_reset},
     {address_works, profile_allow_list, id_not_listed, targets_unhealthy},
     medium,
     "The load balancer puts a PROXY header before the data, and {host} resets the connection before its "
     "first byte."},
    {proxy_protocol_mismatch,
     {balancer_sends_header, accepted_then_closed},
     {address_works, accepted_then_reset, profile_allow_list, id_not_listed, targets_unhealthy},
     medium,
     "The load balancer puts a PROXY header before the data, and {host} closes the connection before its "
     "first byte."},
    {backend_unhealthy,
     {targets_unhealthy, nothing_came_back},
     some_work,
     high,
     "No target behind {address} port {port} is healthy. {target_group}."},
};

constexpr Doubt other_explanations[]{
    // What else ends connections before the first byte, where the list is not what does.
    {not_on_allowlist, {id_listed, accepted_then_reset}, {proxy_header_same}, proxy_protocol_mismatch},
    {not_on_allowlist, {id_listed, accepted_then_reset}, {}, service_failing},
    {not_on_allowlist, {id_listed, accepted_then_reset, reset_unexamined}, {}, reset_in_path},
};

}  // namespace

std::span<const Row> account_name_rules() {
    return name_rows;
}

std::span<const Row> account_traffic_rules() {
    return traffic_rows;
}

std::span<const Row> account_rules() {
    return rows;
}

std::span<const Doubt> account_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
