// What the application says, or keeps to itself.
#include <array>

#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using F = Fact;
using enum Cause;
using enum Confidence;

// A verdict on the addresses as a whole needs all of them to fail.
constexpr FactSet some_work{F::address_works};

// ---- its own words: nothing is more decisive ----

constexpr std::array words{
    Row{client_certificate_required,
        {F::app_forbidden, F::app_bad_request},
        some_work,
        high,
        "{host} refuses requests without a client certificate that it accepts: {detail}"},
    // Whoever logs in with another user, another database or inside TLS may be let in from here.
    Row{access_forbidden,
        {F::app_forbidden, F::app_refuses_login},
        some_work,
        medium,
        "{host} is reached, and its application refuses this network, or the user and database of the check: "
        "{detail}"},
    Row{access_forbidden,
        {F::app_forbidden},
        {F::address_works, F::app_bad_request, F::app_refuses_login},
        high,
        "{host} is reached, and its application refuses this network or endpoint: {detail}"},
    Row{service_failing,
        {F::app_cannot_serve},
        some_work,
        high,
        "{host} is reached, and its application cannot serve: {detail}"},
    Row{proxy_protocol_mismatch,
        {F::app_stage, F::proxy_header_received},
        some_work,
        high,
        "a PROXY header comes from {address} port {port} where an answer of the application is expected"},
    Row{wrong_service,
        {F::app_wants_tls},
        some_work,
        high,
        "{address} port {port} speaks TLS, and the check speaks plain text to it: {detail}"},
    Row{wrong_service,
        {F::app_other_protocol},
        {F::address_works, F::proxy_header_received},
        high,
        "another service answers at {address} port {port}: {detail}"},
    Row{tls_incompatible,
        {F::app_without_tls},
        some_work,
        high,
        "{host} offers no TLS inside its protocol, which the check asks for: {detail}"},
    Row{client_certificate_required,
        {F::app_unexpected, F::app_bad_request, F::certificate_requested},
        some_work,
        medium,
        "{host} asked for a client certificate, got none, and then refused the request: {detail}"},
    // A header in front of TLS that was not expected would have spoilt the handshake.
    Row{proxy_protocol_mismatch,
        {F::app_unexpected, F::proxy_header_configured},
        {F::address_works, F::app_behind_tls},
        medium,
        "{host} answers the request behind the PROXY header as one that it does not understand: {detail}"},
    Row{wrong_service,
        {F::app_unexpected},
        some_work,
        medium,
        "{host} speaks the expected protocol, and its answer is not the expected one: {detail}"},
    // A web server that finds a PROXY header where TLS should begin answers with a page in plain text.
    Row{proxy_protocol_mismatch,
        {F::not_tls, F::plain_http, F::proxy_header_configured},
        some_work,
        medium,
        "{address} port {port} answers the PROXY header and the ClientHello behind it in plain HTTP"},
    Row{reset_mid_connection,
        {F::app_unanswered},
        {F::address_works, F::reset_by_device, F::reset_maybe_by_device},
        medium,
        "{host} completes the TLS handshake and ends the connection at the application's request"},
};

// ---- silence: what the packets show of it comes first ----

constexpr std::array silences{
    Row{backend_silent,
        {F::app_silent, F::app_behind_tls},
        some_work,
        medium,
        "{host} completes the TLS handshake, and then the application stays silent: what ends TLS works, "
        "what stands behind it may not"},
    Row{backend_silent,
        {F::app_silent},
        {F::address_works, F::app_behind_tls},
        medium,
        "{host} accepts the connection, and the application does not answer"},
    Row{backend_silent,
        {F::app_stalled},
        some_work,
        medium,
        "the application at {host} begins to answer and then falls silent"},
};

}  // namespace

std::span<const Row> application_rules() {
    return words;
}

std::span<const Row> silent_application_rules() {
    return silences;
}

}  // namespace whylink::checks
