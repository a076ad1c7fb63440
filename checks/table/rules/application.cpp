// What the application says, or keeps to itself.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

// ---- its own words: nothing is more decisive ----

constexpr Row words[]{
    {client_certificate_required,
     {app_forbidden, app_bad_request},
     some_work,
     high,
     "{host} refuses requests without a valid client certificate: {detail}."},
    {access_forbidden,
     {app_requires_tls},
     some_work,
     high,
     "{host} is reachable but requires TLS, and this check uses plain text: {detail}.",
     false,
     "tls_required"},
    {access_forbidden,
     {app_forbidden, app_refuses_unencrypted},
     some_work,
     medium,
     "{host} is reachable but refuses this network, the user and database of the check, or a login "
     "without TLS: {detail}.",
     false,
     "login_without_tls"},
    {access_forbidden,
     {app_forbidden, app_maybe_wants_credentials},
     some_work,
     medium,
     "{host} is reachable but refuses requests without credentials, or this network: {detail}.",
     false,
     "no_credentials_shown"},
    // Whoever logs in with another user, another database or inside TLS may be let in from here.
    {access_forbidden,
     {app_forbidden, app_refuses_login},
     some_work,
     medium,
     "{host} is reachable but refuses this network, or the user and database of the check: {detail}."},
    {access_forbidden,
     {app_forbidden, app_host_blocked},
     some_work,
     high,
     "{host} blocks this host because of earlier connections: {detail}.",
     false,
     "host_blocked"},
    {access_forbidden,
     {app_forbidden},
     {address_works, app_bad_request, app_refuses_login, app_host_blocked, app_maybe_wants_credentials},
     high,
     "{host} is reachable but refuses this network or endpoint: {detail}."},
    {service_failing,
     {app_cannot_serve, app_limits_clients},
     some_work,
     high,
     "{host} is reachable but at its connection limit: {detail}.",
     false,
     "too_many_connections"},
    {service_failing,
     {app_cannot_serve},
     {address_works, app_limits_clients},
     high,
     "{host} is reachable but cannot serve: {detail}."},
    {proxy_protocol_mismatch,
     {app_stage, proxy_header_received},
     some_work,
     high,
     "{address} port {port} sends a PROXY header instead of an application reply."},
    {wrong_service,
     {app_wants_tls},
     some_work,
     high,
     "{address} port {port} requires TLS, and this check uses plain text: {detail}."},
    {wrong_service,
     {app_other_protocol},
     {address_works, proxy_header_received},
     high,
     "Another service answers at {address} port {port}: {detail}."},
    {wrong_service,
     {app_stage, app_http2},
     some_work,
     medium,
     "{host} speaks HTTP/2 only and does not answer the request of this check: {detail}.",
     false,
     "http2_only"},
    {tls_incompatible,
     {app_without_tls},
     some_work,
     high,
     "{host} offers no TLS inside its protocol, but the check requires it: {detail}."},
    {client_certificate_required,
     {app_unexpected, app_bad_request, certificate_requested},
     some_work,
     medium,
     "{host} asked for a client certificate, got none, and refused the request: {detail}."},
    // A header in front of TLS that was not expected would have spoilt the handshake.
    {proxy_protocol_mismatch,
     {app_unexpected, proxy_header_configured},
     {address_works, app_behind_tls},
     medium,
     "{host} does not understand the request behind the PROXY header: {detail}."},
    {.cause = service_failing,
     .when = {app_limits_rate},
     .unless = some_work,
     .best = medium,
     .summary = "{host} is reachable but limits the rate of requests: {detail}.",
     .fault = "rate_limited",
     .title = "too many requests"},
    {.cause = wrong_service,
     .when = {app_has_no_page},
     .unless = some_work,
     .best = low,
     .summary =
         "{host} speaks HTTP but has no page at the path of this check: {detail}. The service may work.",
     .fault = "http_path",
     .title = "unexpected HTTP status"},
    {wrong_service,
     {app_unexpected},
     {address_works, app_limits_rate, app_has_no_page},
     medium,
     "{host} speaks the expected protocol but sends an unexpected reply: {detail}."},
    // A web server that finds a PROXY header where TLS should begin answers with a page in plain text.
    {proxy_protocol_mismatch,
     {not_tls, plain_http, proxy_header_configured},
     some_work,
     medium,
     "{address} port {port} answers the PROXY header and ClientHello in plain HTTP."},
    {reset_mid_connection,
     {app_unanswered},
     {address_works, reset_by_device, reset_maybe_by_device},
     medium,
     "{host} completes the TLS handshake, then ends the connection at the application request."},
};

// ---- silence: what the packets show of it comes first ----

constexpr Row silences[]{
    {backend_silent,
     {app_silent, app_behind_tls},
     some_work,
     medium,
     "{host} completes the TLS handshake, but the application does not reply: its backend may be down."},
    {.cause = backend_silent,
     .when = {app_silent, window_closed},
     .unless = {address_works, app_behind_tls},
     .best = medium,
     .summary = window_stays_closed,
     .fault = "window_closed"},
    {backend_silent,
     {app_silent},
     {address_works, app_behind_tls, window_closed},
     medium,
     "{host} accepts the connection, but the application does not reply."},
    {backend_silent,
     {app_stalled},
     some_work,
     medium,
     "The application at {host} starts its reply and then stops."},
};

}  // namespace

std::span<const Row> application_rules() {
    return words;
}

std::span<const Row> silent_application_rules() {
    return silences;
}

}  // namespace whylink::checks
