// What follow-up tests have settled. What they explain no longer stands among the facts
// (apply_follow_ups()), so that it is no alternative either.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr std::string_view some_are_not_answered =
    "{host} port {port} answers some connections and not others: one of the targets behind {address} "
    "likely hangs.";

constexpr Row target_hangs(Fact silence) {
    return {.cause = backend_silent,
            .when = {silence, repeat_answered},
            .unless = some_work,
            .best = medium,
            .summary = some_are_not_answered,
            .fault = "target_fails",
            .title = "some connections hang"};
}

constexpr Row target_refuses(Fact end) {
    return {
        .cause = service_failing,
        .when = {end, repeat_answered},
        .unless = some_work,
        .best = medium,
        .summary =
            "{host} port {port} ends some connections before the first byte and serves others: one of the "
            "targets behind {address} likely fails.",
        .fault = "target_fails",
        .title = "some connections fail"};
}

constexpr Row rows[]{
    // ---- the same passes and fails: no rule of a network or a list does that ----
    target_hangs(tls_silent),
    target_hangs(app_silent),
    target_hangs(data_never_arrives),
    target_hangs(later_data_lost),
    target_refuses(accepted_then_reset),
    target_refuses(accepted_then_closed),
    // ---- what a change made of it ----
    {proxy_protocol_mismatch,
     {proxy_header_answered, proxy_header_configured},
     some_work,
     high,
     "The server does not accept the configured PROXY header; without it the server answers."},
    {proxy_protocol_mismatch,
     {proxy_header_answered},
     {address_works, proxy_header_configured},
     high,
     "The server expects a PROXY header; with one it answers."},
    {path_mtu_black_hole,
     {small_segments_pass},
     some_work,
     high,
     "Full-sized packets between this host and {address} are lost; with small segments the server "
     "answers."},
    {wrong_service,
     {plain_text_answered},
     some_work,
     high,
     "A plain-text service listens on {address} port {port}, but TLS is configured."},
    {.cause = tls_incompatible,
     .when = {tls12_answered},
     .unless = {address_works, version_dropped},
     .best = medium,
     .summary =
         "A ClientHello that offers TLS 1.3 fails at {address} port {port}; one that offers TLS 1.2 only "
         "is answered.",
     .fault = "tls13_rejected",
     .title = "TLS 1.3 rejected"},
    {not_on_allowlist,
     {accepted_then_reset, profile_allow_list, other_name_answered},
     {address_works, accepted_then_closed, id_listed},
     high,
     "{address} resets connections for {host} and answers another name of the zone: {endpoint_id} is "
     "not on the allow-list of {service}."},
    {not_on_allowlist,
     {accepted_then_reset, profile_allow_list, other_name_same},
     {address_works, accepted_then_closed, other_name_answered, id_listed},
     high,
     "{address} resets connections for every name of the zone: {endpoint_id} is not on the allow-list "
     "of {service}, or no service has this name."},
    {backend_silent,
     {tls_silent, proxy_header_same, plain_text_silent},
     {address_works, small_segments_pass, speaker_named},
     medium,
     "{host} accepts connections and never replies, even to a PROXY header or plain text."},
    {wrong_dns_record,
     {tcp_timeout, other_address_answers},
     some_work,
     medium,
     "No SYN-ACK from {address}. Another address of `expect` answers, and DNS does not give it."},
    {syn_unanswered,
     {tcp_timeout, other_port_answers},
     some_work,
     high,
     "{address} answers on another port but not on {port}. A rule drops this port, or the load balancer "
     "has no listener or healthy target."},
    {syn_unanswered,
     {tcp_timeout, other_port_silent},
     {address_works, other_port_answers},
     medium,
     "No SYN-ACK from {address} on port {port} or another port of the profile: the connection is "
     "pending or rejected, or a rule drops it."},
    {syn_unanswered,
     {tcp_timeout, other_address_silent},
     {address_works, other_port_answers, other_port_silent},
     medium,
     "No SYN-ACK from {address} port {port} or another address of `expect`: the connection is pending "
     "or rejected, or a rule drops it."},
    {wrong_service,
     {alert_on_name, no_name_answered},
     {address_works, alias_name_answered, linked_name_answered},
     medium,
     "The server at {address} completes TLS without SNI and refuses {host}: another service answers, or "
     "it does not know this name."},
    {tls_incompatible,
     {alert_on_name, no_name_same},
     {address_works, alias_name_answered, linked_name_answered},
     medium,
     "The server at {address} refuses {host}, with and without SNI: the name is wrong, or the service "
     "is not set up there."},
    {wrong_service,
     {speaker_named, tls_silent},
     {address_works, proxy_header_answered, plain_text_answered, small_segments_pass},
     high,
     "Another service answers at {address} port {port}: it ignores TLS and identifies itself in a "
     "follow-up test."},
    {wrong_service,
     {speaker_named, not_tls},
     {address_works, proxy_header_received},
     high,
     "Another service answers at {address} port {port}: it does not speak TLS and identifies itself in "
     "plain text."},
    {wrong_service,
     {speaker_named, tls_broken},
     some_work,
     high,
     "Another service answers at {address} port {port}: only its first bytes look like TLS, and it "
     "identifies itself in plain text."},
};

}  // namespace

std::span<const Row> follow_up_rules() {
    return rows;
}

}  // namespace whylink::checks
