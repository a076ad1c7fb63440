// What follow-up tests have settled. What they explain no longer stands among the facts
// (explained_by_follow_ups()), so that it is no alternative either.
#include <array>

#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using F = Fact;
using enum Cause;
using enum Confidence;

constexpr FactSet some_work{F::address_works};

constexpr std::array rows{
    Row{proxy_protocol_mismatch,
        {F::proxy_header_answered, F::proxy_header_configured},
        some_work,
        high,
        "{host} does not take the PROXY header that is configured: without it the server answers"},
    Row{proxy_protocol_mismatch,
        {F::proxy_header_answered},
        {F::address_works, F::proxy_header_configured},
        high,
        "{host} waits for a PROXY header: behind one the server answers"},
    Row{path_mtu_black_hole,
        {F::small_segments_pass},
        some_work,
        high,
        "full-sized packets between this VM and {address} are lost: with small segments {host} answers"},
    Row{wrong_service,
        {F::plain_text_answered},
        some_work,
        high,
        "a plain-text service listens at {address} port {port}, and TLS is configured"},
    Row{not_on_allowlist,
        {F::accepted_then_reset, F::profile_allow_list, F::other_name_answered},
        {F::address_works, F::accepted_then_closed},
        high,
        "{address} answers another name of the zone and resets {host} before its first byte: {endpoint_id} "
        "is not on the allow-list of {service}"},
    Row{not_on_allowlist,
        {F::accepted_then_reset, F::profile_allow_list, F::other_name_same},
        {F::address_works, F::accepted_then_closed, F::other_name_answered},
        high,
        "{address} accepts the connection and resets it before its first byte, whichever name of the zone is "
        "asked for: {endpoint_id} is not on the allow-list of {service}, or no service has this name"},
    Row{backend_silent,
        {F::tls_silent, F::proxy_header_same, F::plain_text_silent},
        {F::address_works, F::small_segments_pass},
        medium,
        "{host} accepts the connection and stays silent, behind a PROXY header and in plain text too"},
    Row{wrong_dns_record,
        {F::tcp_timeout, F::other_address_answers},
        some_work,
        medium,
        "no answer from {address}, and another address of `expect`, which DNS does not give, answers"},
    Row{syn_unanswered,
        {F::tcp_timeout, F::other_port_answers},
        some_work,
        high,
        "{address} answers on another port and not on {port}: a rule drops this port, or the load balancer "
        "has no listener or no healthy target for it"},
    Row{syn_unanswered,
        {F::tcp_timeout, F::other_port_silent},
        {F::address_works, F::other_port_answers},
        medium,
        "no answer from {address} on port {port}, nor on another port of the profile: the connection is "
        "pending or rejected, or something drops all that is sent there"},
    Row{syn_unanswered,
        {F::tcp_timeout, F::other_address_silent},
        {F::address_works, F::other_port_answers, F::other_port_silent},
        medium,
        "no answer from {address} on port {port}, nor from another address of `expect`: the connection is "
        "pending or rejected, or something drops it"},
    Row{tls_incompatible,
        {F::alert_on_name, F::alias_name_answered},
        some_work,
        high,
        "the server at {address} goes by the name that the CNAME of {host} leads to, and refuses {host}: "
        "`server_name` is wrong, or the service must be told the name"},
    Row{wrong_service,
        {F::alert_on_name, F::no_name_answered},
        {F::address_works, F::alias_name_answered},
        medium,
        "the server at {address} speaks TLS without a name and refuses {host}: another service answers "
        "there, or this one does not know the name"},
    Row{tls_incompatible,
        {F::alert_on_name, F::no_name_same},
        {F::address_works, F::alias_name_answered},
        medium,
        "the server at {address} refuses {host}, and a handshake without a name too: the name is wrong, or "
        "the service is not set up there"},
    Row{wrong_service,
        {F::speaker_named, F::not_tls},
        {F::address_works, F::proxy_header_received},
        high,
        "what answers at {address} port {port} does not speak TLS, and names itself when it is listened to"},
    Row{wrong_service,
        {F::speaker_named, F::tls_broken},
        some_work,
        high,
        "what answers at {address} port {port} only begins like TLS, and names itself when it is listened to"},
};

}  // namespace

std::span<const Row> follow_up_rules() {
    return rows;
}

}  // namespace whylink::checks
