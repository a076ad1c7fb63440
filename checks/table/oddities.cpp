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
    {relayed_here, {}, {}, "this host's own proxy ({acceptor}) relays the connection to {host}"},
    {two_machines, {wrong_service}, {}, "packets of {address} come from two machines, {machines}"},
    {edns_unanswered, {healthy, resolver_unreachable}, {}, "{resolver} answers only queries without EDNS"},
    {answer_stale,
     {healthy, dns_cache_stale},
     {},
     "{resolver} says that its answer for {host} has expired: {dns_error}"},
    {reset_maybe_by_device,
     {reset_in_path},
     {},
     "the RST in the name of {host} differs from what else comes from there"},
    {syn_repeated, {healthy}, {}, "the connect waited a second or more: its SYN had to be sent again"},
    {own_syn_returns, {syn_unanswered}, {}, "the SYN to {address} came back to this host"},
    {syn_routed_back, {syn_unanswered}, {}, "a router sent the SYN to {address} back to this host"},
    {answered_from_elsewhere,
     {syn_unanswered},
     {},
     "the answer to the SYN to {address} came from {answered_by}"},
    {syn_never_left,
     {local_firewall},
     {},
     "no SYN to {address} left this host, although the next hop is known"},
    {syn_ack_dropped,
     {local_firewall},
     {},
     "{address} answered the SYN, and this host did not take the answer"},
    {source_elsewhere,
     {syn_unanswered},
     {},
     "the SYN to {address} left with the source address of another interface: {route}"},
    {tracking_drops,
     {},
     {},
     "connection tracking of this host has dropped packets for want of room: {tracking}"},
    {reset_by_device, {reset_in_path}, {}, "a device on the path sent a RST in the name of {host}"},
    {control_port_accepted, {healthy}, {}, "a port of {address} that nobody has accepts connections, too"},
    {reply_from_elsewhere,
     {resolver_unreachable},
     {},
     "DNS replies came from another address than the one that was asked"},
    {answer_filtered,
     {private_dns_missing, resolver_failing},
     {},
     "a policy of {resolver} decides its answer for {host}: {dns_error}"},
    {negative_contradicts,
     {},
     {},
     "{resolver} says NXDOMAIN for one type of {host} and NODATA for the other, which contradict each other"},
    {one_type_denied,
     {healthy},
     {},
     "{resolver} says NXDOMAIN for one type of {host} and has an address for the other"},
    {pair_lost, {healthy}, {}, "of two DNS queries of the same socket one got no reply"},
    {failures_mixed, {}, {}, "a tenth or more of the failed attempts failed in another way: {detail}"},
    // Speaks of other programs, and neither for nor against what this check saw.
    {programs_use_proxy,
     {},
     {},
     "programs on this host reach {host} over the proxy {proxy}; this check went there directly"},
    {programs_follow_script,
     {},
     {},
     "programs that follow the proxy script {proxy} may reach {host} over a proxy; this check did not run it and went "
     "there directly"},
};

}  // namespace

std::span<const Oddity> oddities() {
    return rows;
}

}  // namespace whylink::checks
