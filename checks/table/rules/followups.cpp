// What follow-up tests have settled. What they explain no longer stands among the facts
// (apply_follow_ups()), so that it is no alternative either.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr Row rows[]{
    {proxy_protocol_mismatch,
     {proxy_header_answered, proxy_header_configured},
     some_work,
     high,
     "{host} does not take the PROXY header that is configured: without it the server answers"},
    {proxy_protocol_mismatch,
     {proxy_header_answered},
     {address_works, proxy_header_configured},
     high,
     "{host} waits for a PROXY header: behind one the server answers"},
    {path_mtu_black_hole,
     {small_segments_pass},
     some_work,
     high,
     "full-sized packets between this VM and {address} are lost: with small segments {host} answers"},
    {wrong_service,
     {plain_text_answered},
     some_work,
     high,
     "a plain-text service listens at {address} port {port}, and TLS is configured"},
    {not_on_allowlist,
     {accepted_then_reset, profile_allow_list, other_name_answered},
     {address_works, accepted_then_closed},
     high,
     "{address} answers another name of the zone and resets {host} before its first byte: {endpoint_id} "
     "is not on the allow-list of {service}"},
    {not_on_allowlist,
     {accepted_then_reset, profile_allow_list, other_name_same},
     {address_works, accepted_then_closed, other_name_answered},
     high,
     "{address} accepts the connection and resets it before its first byte, whichever name of the zone is "
     "asked for: {endpoint_id} is not on the allow-list of {service}, or no service has this name"},
    {backend_silent,
     {tls_silent, proxy_header_same, plain_text_silent},
     {address_works, small_segments_pass, speaker_named},
     medium,
     "{host} accepts the connection and stays silent, behind a PROXY header and in plain text too"},
    {wrong_dns_record,
     {tcp_timeout, other_address_answers},
     some_work,
     medium,
     "no answer from {address}, and another address of `expect`, which DNS does not give, answers"},
    {syn_unanswered,
     {tcp_timeout, other_port_answers},
     some_work,
     high,
     "{address} answers on another port and not on {port}: a rule drops this port, or the load balancer "
     "has no listener or no healthy target for it"},
    {syn_unanswered,
     {tcp_timeout, other_port_silent},
     {address_works, other_port_answers},
     medium,
     "no answer from {address} on port {port}, nor on another port of the profile: the connection is "
     "pending or rejected, or something drops all that is sent there"},
    {syn_unanswered,
     {tcp_timeout, other_address_silent},
     {address_works, other_port_answers, other_port_silent},
     medium,
     "no answer from {address} on port {port}, nor from another address of `expect`: the connection is "
     "pending or rejected, or something drops it"},
    {wrong_service,
     {alert_on_name, no_name_answered},
     {address_works, alias_name_answered, linked_name_answered},
     medium,
     "the server at {address} speaks TLS without a name and refuses {host}: another service answers "
     "there, or this one does not know the name"},
    {tls_incompatible,
     {alert_on_name, no_name_same},
     {address_works, alias_name_answered, linked_name_answered},
     medium,
     "the server at {address} refuses {host}, and a handshake without a name too: the name is wrong, or "
     "the service is not set up there"},
    {wrong_service,
     {speaker_named, tls_silent},
     {address_works, proxy_header_answered, plain_text_answered, small_segments_pass},
     high,
     "what answers at {address} port {port} is silent when it is spoken to in TLS, and names itself in a follow-up "
     "test"},
    {wrong_service,
     {speaker_named, not_tls},
     {address_works, proxy_header_received},
     high,
     "what answers at {address} port {port} does not speak TLS, and names itself when it is listened to"},
    {wrong_service,
     {speaker_named, tls_broken},
     some_work,
     high,
     "what answers at {address} port {port} only begins like TLS, and names itself when it is listened to"},
};

}  // namespace

std::span<const Row> follow_up_rules() {
    return rows;
}

}  // namespace whylink::checks
