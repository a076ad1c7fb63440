// What else explains the picture of a cause without a sign of its own.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;

constexpr Doubt other_explanations[]{
    {local_network_down, {resolvers_without_route}, {tcp_no_route}, resolver_unreachable},
    {local_network_down, {siblings_down}, {tcp_no_route, resolvers_without_route}, local_firewall},
    {resolvers_disagree, {answers_differ, name_right}, {name_missing, name_elsewhere}, wrong_dns_record},
    {wildcard_missing, {random_none}, {known_resolves}, private_dns_missing},
    {wildcard_missing, {name_public}, {}, private_dns_bypassed},
    {private_dns_missing, {known_missing, known_resolves}, {}, wildcard_missing},
    // A name that exists without an address may hide behind a record of another type.
    {private_dns_missing,
     {name_nodata},
     {zone, other_resolver_knows, sibling_label_missing, sibling_label_nodata, srv_targets},
     wildcard_overridden},
    // Protection from DNS rebinding takes private addresses out of answers, and need not say so.
    {private_dns_missing,
     {nodata_bare},
     {zone, other_resolver_missing, answer_filtered, srv_targets},
     resolver_rewrites},
    {private_dns_missing, {name_half_missing}, {}, resolver_failing},
    {private_dns_missing, {name_missing, negative_contradicts}, {srv_targets}, resolver_failing},
    // Filters answer with 0.0.0.0 or a loopback address.
    {wrong_dns_record, {name_special}, {}, resolver_rewrites},
    {wrong_dns_record, {public_name_missing}, {name_unexpected}, resolver_failing},
    {resolver_unreachable,
     {resolver_timed_out},
     {resolver_answers, sibling_reached, reply_from_elsewhere, tcp_query_answered},
     local_network_down},
    {resolver_unreachable, {resolver_timed_out}, {resolver_answers, reply_from_elsewhere}, local_firewall},
    // One that waits for a dead server of its own longer than this check does is silent over TCP just the same.
    {resolver_unreachable, {resolver_timed_out, tcp_query_same}, {resolver_answers}, resolver_failing},
    {resolver_failing,
     {unchecked_answered},
     {dnssec_failure, repeat_query_same, repeat_query_answered},
     intermittent},
    {dns_cache_stale, {repeat_query_answered}, {}, resolvers_disagree},
    {resolver_failing, {repeat_query_answered}, {dnssec_failure}, intermittent},
    // Without `expect` nothing says that DNS gave the endpoint's present address.
    {wrong_service, {certificate_of_other_name, address_unverified}, {record_is_right}, wrong_dns_record},
    {wrong_service, {not_tls, address_unverified}, {record_is_right}, wrong_dns_record},
    {one_address_failing, {address_unverified}, {record_is_right}, wrong_dns_record},
    {connection_refused, {address_unverified}, {record_is_right}, wrong_dns_record},
    // A local rule answers with an RST as a server does, but it never takes the time of the path.
    {connection_refused, {tcp_refused_at_once}, {}, local_firewall},
    {no_route, {address_unverified}, {tcp_no_route, record_is_right}, wrong_dns_record},
    // A rule of this host may reject with any ICMP error.
    {no_route, {tcp_unreachable_here}, {link_down}, local_firewall},
    {syn_unanswered, {address_unverified}, {record_is_right}, wrong_dns_record},
    // A rule of this host that drops leaves no trace at the socket; packets show it.
    {syn_unanswered, {tcp_timeout, syn_unseen}, {}, local_firewall},
    {local_firewall, {syn_maybe_never_left}, {syn_never_left, syn_ack_dropped}, no_route},
    // A route that is gone after the handshake.
    {local_firewall, {data_kept_here}, {}, no_route},
    // The queue may have been full while they came, and empty when it was looked at.
    {local_firewall, {syns_unanswered, partly_failing}, {}, backend_silent},
    // The answers may leave by an interface that is not captured.
    {local_firewall, {syns_unanswered, traffic_elsewhere}, {}, syn_unanswered},
    // A rule that rejects with an RST, beside a socket that listens.
    {connection_refused, {syns_refused}, {not_listening}, local_firewall},
    {client_certificate_required,
     {alert_maybe_client_certificate},
     {alert_on_client_certificate},
     tls_incompatible},
    // Another host asks for client certificates of its own.
    {client_certificate_required, {certificate_beside_alert}, {}, wrong_service},
    {tls_incompatible, {alert_on_name}, {alias_name_answered}, wrong_service},
    // A device on the path that looks for TLS 1.3 ends the connection as the server would; and of several backends one
    // may be older than the others.
    {tls_incompatible, {tls12_answered}, {}, filtered_in_path},
    {tls_incompatible, {tls12_answered, reset_unexamined}, {}, reset_in_path},
    {tls_incompatible, {tls12_answered}, {repeat_same}, intermittent},
    {tls_incompatible, {alert_internal}, {}, service_failing},
    // A server or a proxy before it that fails halfway; something that only begins like TLS.
    {tls_incompatible, {tls_broken}, {}, service_failing},
    {tls_incompatible, {tls_broken}, {}, wrong_service},
    // A web server that finds a PROXY header before TLS answers with a page in plain text.
    {wrong_service, {plain_http}, {}, proxy_protocol_mismatch},
    // The same passed a moment later: one of several targets fails, say, or now and then all of them.
    {service_failing, {repeat_answered}, {}, intermittent},
    {backend_silent, {repeat_answered}, {}, intermittent},
    // Of one connection, or of two, it looks like the list; and a target that passed just before is no likely one of it.
    {not_on_allowlist,
     {accepted_then_reset, profile_allow_list},
     {repeat_steady, id_not_listed},
     intermittent},
    {not_on_allowlist,
     {accepted_then_reset, profile_allow_list, passed_just_before},
     {address_changed, id_not_listed},
     intermittent},
    // That a header of ours changes nothing (proxy_header_same) shows that none is waited for; one that a
    // load balancer puts before a server which does not know it ends connections, or silences them, just the
    // same.
    {not_on_allowlist,
     {accepted_then_reset},
     {profile_allow_list, sibling_served, other_name_answered, id_not_listed},
     proxy_protocol_mismatch},
    {not_on_allowlist,
     {proxy_header_configured, profile_allow_list},
     {sibling_served, other_name_answered, proxy_header_same},
     proxy_protocol_mismatch},
    {not_on_allowlist,
     {accepted_then_closed},
     {sibling_served, other_name_answered, id_not_listed},
     proxy_protocol_mismatch},
    // Plain-text servers reset or close on a ClientHello (mosquitto, PostgreSQL).
    {not_on_allowlist,
     {tls_stage},
     {profile_allow_list, sibling_served, other_name_answered, plain_text_silent, id_not_listed},
     wrong_service},
    // Servers and devices that do not take a ClientHello of TLS 1.3, or something else in it, end the connection without
    // an alert. What speaks TLS to another name has taken that one.
    {not_on_allowlist,
     {tls_stage},
     {profile_allow_list, sibling_served, other_name_answered, id_not_listed},
     tls_incompatible},
    // A device that filters by the name sent in TLS lets another name pass.
    {not_on_allowlist,
     {accepted_then_reset, reset_unexamined},
     {profile_allow_list, id_not_listed},
     reset_in_path},
    // A proxy without a backend closes, and so does a server at its limit of connections; what they have not
    // read by then turns the FIN into an RST.
    {not_on_allowlist, {accepted_then_closed}, {id_not_listed}, service_failing},
    {not_on_allowlist, {accepted_then_reset}, {profile_allow_list, id_not_listed}, service_failing},
    {reset_mid_connection, {reset_after_bytes, reset_unexamined}, {}, reset_in_path},
    {reset_mid_connection, {certificate_requested}, {}, client_certificate_required},
    {healthy, {certificate_left_open}, {}, client_certificate_required},
    // One of several targets hangs, say.
    {healthy, {repeat_fails}, {}, intermittent},
    {healthy, {large_hello_received}, {}, intermittent},
    {certificate_problem,
     {certificate_expiring, certificate_left_open},
     {certificate_faulty},
     client_certificate_required},
    {reset_mid_connection, {closed_after_bytes}, {certificate_requested}, service_failing},
    // A server's kernel takes what comes, whatever the server waits for: with a closed window it is no server's.
    {backend_silent, {tls_silent}, {plain_text_silent, window_closed, repeat_answered}, wrong_service},
    {backend_silent, {tls_silent}, {window_closed, repeat_answered}, proxy_protocol_mismatch},
    {backend_silent, {full_size_open}, {small_segments_same, repeat_answered}, path_mtu_black_hole},
    // One of several targets that hangs takes what it is sent and is silent, and the connection with small segments goes
    // to another target. A repeat that fails again tells little: with one of three it does so once in three times. What
    // packets show to be lost is no such target's.
    {path_mtu_black_hole, {small_segments_after_silence}, {large_lost, large_maybe_lost}, backend_silent},
    {wrong_service, {plain_text_answered, address_unverified}, {}, wrong_dns_record},
    // Of two addresses that may both be right, one may only be down.
    {wrong_dns_record, {tcp_timeout, other_address_answers}, {}, one_address_failing},
    // DNS leads to a name that the server there does not know either.
    {tls_incompatible, {alert_on_name, alias_name_same, address_unverified}, {}, wrong_dns_record},
};

}  // namespace

std::span<const Doubt> connection_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
