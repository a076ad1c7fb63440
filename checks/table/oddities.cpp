#include "checks/table/oddities.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;

// No entry without need: a test takes each cause away in turn, and a recorded case has to fail.
constexpr Oddity rows[]{
    {accepted_here,
     {local_interception},
     {connection_refused, not_on_allowlist, reset_mid_connection, backend_silent, path_mtu_black_hole,
      proxy_protocol_mismatch, wrong_service, service_failing, certificate_problem, tls_incompatible,
      client_certificate_required, access_forbidden, wrong_server_name, filtered_in_path},
     "{acceptor} answers for {address} port {port}"},
    {relayed_here, {}, {}, "a proxy on this host ({acceptor}) relays the connection to {host}"},
    {two_machines, {wrong_service}, {}, "two machines answer for {address}: {machines}"},
    {certificate_beside_alert, {}, {}, "the certificate at {address} is not for {asked_name}"},
    {edns_unanswered, {healthy, resolver_unreachable}, {}, "{resolver} answers only queries without EDNS"},
    {answer_stale,
     {healthy, dns_cache_stale},
     {},
     "{resolver} serves an expired answer for {host}: {dns_error}"},
    {reset_maybe_by_device,
     {reset_in_path},
     {},
     "the RST in the name of {host} differs from its other packets"},
    {syn_repeated, {healthy}, {}, "the connect took a second or more: its SYN was retransmitted"},
    {own_syn_returns, {syn_unanswered}, {}, "the SYN to {address} came back to this host"},
    {syn_routed_back, {syn_unanswered}, {}, "a router sent the SYN to {address} back to this host"},
    {answered_from_elsewhere, {syn_unanswered}, {}, "the SYN-ACK for {address} came from {answered_by}"},
    {syn_never_left,
     {local_firewall},
     {},
     "no SYN to {address} left this host, although the next hop is resolved"},
    {syn_ack_dropped, {local_firewall}, {}, "{address} answered the SYN, and this host dropped the answer"},
    {source_elsewhere,
     {syn_unanswered},
     {},
     "the SYN to {address} left with another interface's source address: {route}"},
    {tracking_drops, {}, {}, "connection tracking of this host dropped packets, nearly full: {tracking}"},
    {reset_by_device, {reset_in_path}, {}, "a middlebox sent an RST in the name of {host}"},
    {control_port_accepted, {healthy}, {}, "an unused port of {address} accepts connections too"},
    {reply_from_elsewhere,
     {resolver_unreachable},
     {},
     "DNS replies came from another address than the one queried"},
    {answer_filtered,
     {private_dns_missing, resolver_failing},
     {},
     "a policy of {resolver} changes its answer for {host}: {dns_error}"},
    {negative_contradicts,
     {},
     {},
     "{resolver} contradicts itself: NXDOMAIN for one type of {host}, NODATA for the other"},
    {one_type_denied,
     {healthy},
     {},
     "{resolver} says NXDOMAIN for one type of {host} and has an address for the other"},
    {tls12_answered,
     {tls_incompatible, filtered_in_path},
     {},
     "{address} port {port} answers a ClientHello that offers TLS 1.2 only"},
    {pair_lost, {healthy}, {}, "one of two DNS queries from the same socket got no reply"},
    {failures_mixed, {}, {}, "a tenth or more of the failed attempts failed in another way: {detail}"},
    // Of the account. Beside a target that works it is drift, and said all the same.
    {link_waits,
     {connection_pending},
     {syn_unanswered, not_on_allowlist},
     "by the provider's API {account_endpoint} {account_state}"},
    {link_ended,
     {connection_rejected},
     {syn_unanswered},
     "by the provider's API {account_endpoint} {account_state}"},
    {link_absent, {connection_rejected}, {}, "no account has the endpoint {endpoint_id}"},
    {rule_denies,
     {cloud_firewall},
     {syn_unanswered},
     "a rule of the account blocks this host: {account_rule}"},
    {vendor_stopped, {service_stopped}, {not_on_allowlist}, "by the vendor's API {vendor_state}"},
    {vendor_idle, {service_stopped}, {}, "by the vendor's API {vendor_state}"},
    {id_not_listed, {not_on_allowlist}, {}, "the allow-list of {service} does not have {endpoint_id}"},
    {record_is_wrong,
     {wrong_dns_record},
     {syn_unanswered},
     "{host} resolves to {answers}, but {account_endpoint} has {right_address}"},
    {targets_unhealthy,
     {backend_unhealthy},
     {backend_silent},
     "the load balancer has no healthy target: {target_group}"},
    {peer_waits, {connection_pending}, {}, "the connection of {account_connection} waits for acceptance"},
    // Speaks of other programs, and neither for nor against what this check saw.
    {programs_use_proxy,
     {},
     {},
     "programs on this host reach {host} through the proxy {proxy}; this check connected directly"},
    {programs_follow_script,
     {},
     {},
     "programs that follow the proxy script {proxy} may reach {host} through a proxy; this check "
     "connected directly"},
};

}  // namespace

std::span<const Oddity> oddities() {
    return rows;
}

}  // namespace whylink::checks
