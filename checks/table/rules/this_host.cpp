// What this host does to a connection before it reaches anybody: redirects and translations, containers and tunnels in
// the way, full tables. More decisive than what was then seen of a peer that is not the endpoint.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr Row rows[]{
    // ---- somebody else took the connection ----
    {local_interception,
     {accepted_here, translated_here},
     some_work,
     high,
     "This host sends connections for {address} port {port} to {sent_to}: none reaches the endpoint.",
     false,
     "translated_here"},
    {local_interception,
     {accepted_here},
     {address_works, translated_here},
     high,
     "Connections to {address} port {port} do not leave this host: {acceptor} answers them."},
    {local_interception,
     {lost_here, translated_here},
     some_work,
     high,
     "This host sends connections for {address} port {port} to {sent_to}, which does not answer.",
     false,
     "translated_here"},
    {local_interception,
     {lost_here},
     {address_works, translated_here},
     high,
     "This host sends connections for {address} port {port} to itself, and nothing answers there."},
    {local_interception,
     {container_answers},
     some_work,
     high,
     "{address} belongs to a container or virtual machine of this host (route {route}).",
     false,
     "container_answers"},
    // ---- the way out ----
    {local_firewall,
     {data_kept_here},
     some_work,
     medium,
     "{address} accepts the connection, and this host drops what it then sends: a rule of its own matches "
     "the data."},
    {.cause = local_firewall,
     .when = {tcp_unreachable_here},
     .unless = {address_works, link_down, route_to_tunnel, route_to_containers},
     .best = medium,
     .summary = "This host itself rejects connections to {address}, at once: a rule of its own. {detail}.",
     .fault = "rejected_here"},
    {no_route,
     {route_to_containers},
     some_work,
     high,
     "The route to {address} leads to the containers of this host ({route}), and none has the address.",
     false,
     "route_to_containers"},
    {no_route,
     {link_down},
     some_work,
     high,
     "The interface to {address} has no carrier: {route}.",
     false,
     "link_down"},
    {wrong_service,
     {two_machines},
     some_work,
     medium,
     "Two machines answer for {address} with different MAC addresses: {machines}.",
     false,
     "two_machines"},
    {syn_unanswered,
     {tcp_timeout, source_elsewhere},
     {address_works, other_port_answers},
     medium,
     "No SYN-ACK from {address} port {port}: the SYNs leave by {route} with another interface's source "
     "address, which networks drop.",
     false,
     "source_elsewhere"},
    {syn_unanswered,
     {tcp_timeout, route_to_tunnel},
     {address_works, other_port_answers, source_elsewhere},
     medium,
     "No SYN-ACK from {address} port {port}: the SYNs go into a tunnel, {route}.",
     false,
     "route_to_tunnel"},
    // ---- the way back ----
    {.cause = local_firewall,
     .when = {syn_ack_dropped, reverse_path_strict},
     .unless = some_work,
     .best = high,
     .summary = "{address} port {port} answers, but the reverse-path filter of this host drops the answer: "
                "{way_back}.",
     .fault = "reverse_path"},
    {.cause = local_firewall,
     .when = {tcp_timeout, syn_unseen, reverse_path_strict},
     .unless = {address_works, other_port_answers},
     .best = medium,
     .summary =
         "The reverse-path filter of this host drops any SYN-ACK from {address} port {port}: {way_back}.",
     .fault = "reverse_path"},
    // ---- tables ----
    {local_limit,
     {tracking_full},
     some_work,
     high,
     "The connection-tracking table of this host is full ({tracking}): no new connection leaves it.",
     false,
     "tracking_full"},
    // ---- what works, as far as can be told ----
    {healthy,
     {all_pass, accepted_here, translated_here},
     {answers_differ, certificate_expiring, comes_and_goes},
     low,
     "This host sends connections for {host} port {port} to {sent_to}: the endpoint itself is not "
     "tested."},
    {healthy,
     {all_pass, accepted_here},
     {answers_differ, certificate_expiring, comes_and_goes, translated_here},
     low,
     "Connections to {host} port {port} do not leave this host: {acceptor} accepts them, and the "
     "endpoint itself is not tested."},
    {healthy,
     {all_pass, control_port_accepted},
     {accepted_here, answers_differ, certificate_expiring, comes_and_goes},
     low,
     "{host} port {port} accepts connections, but so does an unused port: a gateway, proxy or NAT "
     "accepts everything."},
    {healthy,
     {all_pass, control_address_accepted},
     {accepted_here, answers_differ, certificate_expiring, comes_and_goes, control_port_accepted},
     low,
     "{host} port {port} accepts connections, but so does an unused address: a gateway or proxy accepts "
     "everything."},
};

constexpr Doubt other_explanations[]{
    // This host's connection tracking knows the connection, and no packet shows where it went.
    {not_on_allowlist, {translation_open}, {}, local_interception},
    {backend_silent, {translation_open}, {}, local_interception},
    {reset_mid_connection, {translation_open}, {}, local_interception},
    {proxy_protocol_mismatch, {translation_open}, {}, local_interception},
    {path_mtu_black_hole, {translation_open}, {}, local_interception},
    {wrong_service, {translation_open}, {}, local_interception},
    {service_failing, {translation_open}, {}, local_interception},
    {certificate_problem, {translation_open}, {}, local_interception},
    {tls_incompatible, {translation_open}, {}, local_interception},
    {client_certificate_required, {translation_open}, {}, local_interception},
    {access_forbidden, {translation_open}, {}, local_interception},
    {wrong_server_name, {translation_open}, {}, local_interception},
    {filtered_in_path, {translation_open}, {}, local_interception},
    {healthy, {accepted_only, translation_open}, {}, local_interception},
    {healthy, {accepted_here}, {}, local_interception},
    // A redirect to a port of this host where nothing listens.
    {connection_refused, {tcp_refused_at_once}, {to_this_host}, local_interception},
    // Whatever accepts every connection does so before it has reached the endpoint.
    {not_on_allowlist, {control_port_accepted}, {}, syn_unanswered},
    {backend_silent, {control_port_accepted}, {}, syn_unanswered},
    {syn_unanswered, {source_elsewhere}, {}, no_route},
    {syn_unanswered, {route_to_tunnel}, {}, no_route},
    {syn_unanswered, {tracking_drops}, {}, local_limit},
    {local_firewall, {tracking_drops}, {}, local_limit},
    // A connection that is not tracked (NOTRACK) passes beside a full table.
    {local_limit, {tracking_full, syn_unseen}, {}, syn_unanswered},
};

}  // namespace

std::span<const Row> this_host_rules() {
    return rows;
}

std::span<const Doubt> this_host_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
