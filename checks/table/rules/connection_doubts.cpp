// What else explains the picture of a cause without a sign of its own.
#include <array>

#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using F = Fact;
using enum Cause;

constexpr std::array other_explanations{
    Doubt{local_network_down, {F::resolvers_without_route}, {F::tcp_no_route}, resolver_unreachable},
    Doubt{local_network_down,
          {F::siblings_down},
          {F::tcp_no_route, F::resolvers_without_route},
          local_firewall},
    Doubt{resolvers_disagree,
          {F::answers_differ, F::name_right},
          {F::name_missing, F::name_elsewhere},
          wrong_dns_record},
    Doubt{wildcard_missing, {F::random_none}, {F::known_resolves}, private_dns_missing},
    Doubt{wildcard_missing, {F::name_public}, {}, private_dns_bypassed},
    Doubt{private_dns_missing, {F::known_missing, F::known_resolves}, {}, wildcard_missing},
    // A name that exists without an address may hide behind a record of another type.
    Doubt{private_dns_missing,
          {F::name_nodata},
          {F::zone, F::other_resolver_knows, F::sibling_label_missing},
          wildcard_overridden},
    Doubt{private_dns_missing, {F::name_half_missing}, {}, resolver_failing},
    // Filters answer with 0.0.0.0 or a loopback address.
    Doubt{wrong_dns_record, {F::name_special}, {}, resolver_rewrites},
    Doubt{wrong_dns_record, {F::public_name_missing}, {F::name_unexpected}, resolver_failing},
    Doubt{resolver_unreachable,
          {F::resolver_timed_out},
          {F::resolver_answers, F::sibling_reached},
          local_network_down},
    Doubt{resolver_unreachable, {F::resolver_timed_out}, {F::resolver_answers}, local_firewall},
    // Without `expect` nothing says that DNS gave the endpoint's present address.
    Doubt{wrong_service, {F::certificate_of_other_name, F::address_unverified}, {}, wrong_dns_record},
    Doubt{wrong_service, {F::not_tls, F::address_unverified}, {}, wrong_dns_record},
    Doubt{one_address_failing, {F::address_unverified}, {}, wrong_dns_record},
    Doubt{connection_refused, {F::address_unverified}, {}, wrong_dns_record},
    // A local rule answers with an RST as a server does, but it never takes the time of the path.
    Doubt{connection_refused, {F::tcp_refused_at_once}, {}, local_firewall},
    Doubt{no_route, {F::address_unverified}, {F::tcp_no_route}, wrong_dns_record},
    Doubt{syn_unanswered, {F::address_unverified}, {}, wrong_dns_record},
    // A rule of this host that drops leaves no trace at the socket; packets show it.
    Doubt{syn_unanswered, {F::tcp_timeout, F::syn_unseen}, {}, local_firewall},
    Doubt{local_firewall, {F::syn_maybe_never_left}, {F::syn_never_left, F::syn_ack_dropped}, no_route},
    // The queue may have been full while they came, and empty when it was looked at.
    Doubt{local_firewall, {F::syns_unanswered, F::partly_failing}, {}, backend_silent},
    // The answers may leave by an interface that is not captured.
    Doubt{local_firewall, {F::syns_unanswered, F::traffic_elsewhere}, {}, syn_unanswered},
    // A rule that rejects with an RST, beside a socket that listens.
    Doubt{connection_refused, {F::syns_refused}, {F::not_listening}, local_firewall},
    Doubt{client_certificate_required,
          {F::alert_maybe_client_certificate},
          {F::alert_on_client_certificate},
          tls_incompatible},
    Doubt{tls_incompatible, {F::alert_on_name}, {F::alias_name_answered}, wrong_service},
    Doubt{tls_incompatible, {F::alert_internal}, {}, service_failing},
    // A server or a proxy before it that fails halfway; something that only begins like TLS.
    Doubt{tls_incompatible, {F::tls_broken}, {}, service_failing},
    Doubt{tls_incompatible, {F::tls_broken}, {}, wrong_service},
    // A web server that finds a PROXY header before TLS answers with a page in plain text.
    Doubt{wrong_service, {F::plain_http}, {}, proxy_protocol_mismatch},
    // The same passed a moment later: one of several targets fails, say, or now and then all of them.
    Doubt{not_on_allowlist, {F::repeat_answered}, {}, intermittent},
    Doubt{backend_silent, {F::repeat_answered}, {}, intermittent},
    // That a header of ours changes nothing (proxy_header_same) shows that none is waited for; one that a
    // load balancer puts before a server which does not know it ends connections, or silences them, just the
    // same.
    Doubt{not_on_allowlist,
          {F::accepted_then_reset},
          {F::profile_allow_list, F::sibling_served, F::other_name_answered},
          proxy_protocol_mismatch},
    Doubt{not_on_allowlist,
          {F::proxy_header_configured, F::profile_allow_list},
          {F::sibling_served, F::other_name_answered, F::proxy_header_same},
          proxy_protocol_mismatch},
    Doubt{not_on_allowlist,
          {F::accepted_then_closed},
          {F::sibling_served, F::other_name_answered},
          proxy_protocol_mismatch},
    // Plain-text servers reset or close on a ClientHello (mosquitto, PostgreSQL).
    Doubt{not_on_allowlist,
          {F::tls_stage},
          {F::profile_allow_list, F::sibling_served, F::other_name_answered, F::plain_text_silent},
          wrong_service},
    // A device that filters by the name sent in TLS lets another name pass.
    Doubt{not_on_allowlist,
          {F::accepted_then_reset, F::reset_unexamined},
          {F::profile_allow_list},
          reset_in_path},
    // A proxy without a backend closes, and so does a server at its limit of connections; what they have not
    // read by then turns the FIN into an RST.
    Doubt{not_on_allowlist, {F::accepted_then_closed}, {}, service_failing},
    Doubt{not_on_allowlist, {F::accepted_then_reset}, {F::profile_allow_list}, service_failing},
    Doubt{reset_mid_connection, {F::reset_after_bytes, F::reset_unexamined}, {}, reset_in_path},
    Doubt{reset_mid_connection, {F::certificate_requested}, {}, client_certificate_required},
    Doubt{healthy, {F::certificate_left_open}, {}, client_certificate_required},
    Doubt{certificate_problem,
          {F::certificate_expiring, F::certificate_left_open},
          {F::certificate_faulty},
          client_certificate_required},
    Doubt{reset_mid_connection, {F::closed_after_bytes}, {F::certificate_requested}, service_failing},
    Doubt{backend_silent, {F::tls_silent}, {F::plain_text_silent}, wrong_service},
    Doubt{backend_silent, {F::tls_silent}, {}, proxy_protocol_mismatch},
    Doubt{backend_silent, {F::full_size_open}, {F::small_segments_same}, path_mtu_black_hole},
    // A TLS server complains about a PROXY header and about plain text, whatever becomes of full-sized
    // packets. Where that meets silence too, a target that hangs now and then explains it as well.
    Doubt{path_mtu_black_hole, {F::small_segments_pass, F::proxy_header_same}, {}, backend_silent},
    Doubt{path_mtu_black_hole, {F::small_segments_pass, F::plain_text_silent}, {}, backend_silent},
    Doubt{wrong_service, {F::plain_text_answered, F::address_unverified}, {}, wrong_dns_record},
    // Of two addresses that may both be right, one may only be down.
    Doubt{wrong_dns_record, {F::tcp_timeout, F::other_address_answers}, {}, one_address_failing},
    // DNS leads to a name that the server there does not know either.
    Doubt{tls_incompatible,
          {F::alert_on_name, F::alias_name_same, F::address_unverified},
          {},
          wrong_dns_record},
};

}  // namespace

std::span<const Doubt> connection_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
