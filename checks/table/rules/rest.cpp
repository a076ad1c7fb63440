// What says nothing about the peer, and what works.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr Row rows[]{
    // ---- nothing about the peer ----
    {local_limit, {local_error}, not_there, high, "This host could not make the check: {detail}."},
    {local_limit, {nothing_probed}, {}, low, "Inconclusive: nothing of {name} was probed."},

    // ---- what works ----
    // Explains no round that failed, nor does a certificate that has yet to expire.
    {.cause = certificate_problem,
     .when = {all_pass, certificate_expiring},
     .unless = {comes_and_goes},
     .best = high,
     .summary = "{host} works, but its certificate expires soon: {detail}.",
     .fault = "certificate_expires_soon",
     .title = "certificate expires soon"},
    // The round itself passes; what was held idle beside it did not last.
    {.cause = reset_mid_connection,
     .when = {all_pass, idle_dropped},
     .unless = {answers_differ, certificate_expiring, comes_and_goes, idle_unanswered},
     .best = high,
     .summary = "{host} port {port} works, but idle connections are dropped: {detail}.",
     .title = "idle connections are dropped"},
    // One that is not answered any more may be an outage of that moment.
    {.cause = reset_mid_connection,
     .when = {all_pass, idle_dropped, idle_unanswered},
     .unless = {answers_differ, certificate_expiring, comes_and_goes},
     .best = medium,
     .summary = "{host} port {port} works, but idle connections lose their state: {detail}.",
     .title = "idle connections are dropped"},
    {healthy,
     {all_pass, watch, traffic_unsure},
     {comes_and_goes, peer_waits},
     low,
     "No failure of {host}, but too little traffic to say that it works: {detail}."},
    {healthy,
     {all_pass, watch},
     {traffic_unsure, comes_and_goes, peer_waits},
     high,
     "Traffic of {host} passes: {detail}."},
    {healthy,
     {all_pass, zone},
     {answers_differ, names_differ, comes_and_goes},
     high,
     "Every queried name of {zone} resolves to {answers}."},
    {healthy,
     {all_pass, app_http2},
     {zone, answers_differ, certificate_expiring, comes_and_goes, idle_dropped, next_hop_fails,
      edns_lost_for_programs},
     high,
     "{host} port {port} works on {working}, in HTTP/2 only: clients that speak HTTP/1.1 fail."},
    {healthy,
     {all_pass, plain_text_service},
     {zone, answers_differ, certificate_expiring, comes_and_goes, idle_dropped, accepted_here, next_hop_fails,
      edns_lost_for_programs},
     high,
     "{host} port {port} works as a plain-text service, without TLS."},
    {healthy,
     {all_pass},
     {zone, watch, answers_differ, certificate_expiring, plain_text_service, app_http2, comes_and_goes,
      idle_dropped, accepted_here, control_port_accepted, control_address_accepted, next_hop_fails,
      edns_lost_for_programs},
     high,
     "{host} port {port} works on {working}."},
};

}  // namespace

std::span<const Row> remaining_rules() {
    return rows;
}

}  // namespace whylink::checks
