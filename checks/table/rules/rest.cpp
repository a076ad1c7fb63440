// What says nothing about the peer, and what works.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr Row rows[]{
    // ---- nothing about the peer ----
    {local_limit, {local_error}, not_there, high, "the check could not be made: {detail}"},
    {local_limit, {nothing_probed}, {}, low, "nothing could be probed for {name}"},

    // ---- what works ----
    // Explains no round that failed, nor does a certificate that has yet to expire.
    {certificate_problem,
     {all_pass, certificate_expiring},
     {comes_and_goes},
     high,
     "{host} works, but its certificate expires soon: {detail}"},
    // The round itself passes; what was held idle beside it did not last.
    {reset_mid_connection,
     {all_pass, idle_dropped},
     {answers_differ, certificate_expiring, comes_and_goes, idle_unanswered},
     high,
     "{host} port {port} works, but an idle connection to it does not last: {detail}"},
    // One that is not answered any more may be an outage of that moment.
    {reset_mid_connection,
     {all_pass, idle_dropped, idle_unanswered},
     {answers_differ, certificate_expiring, comes_and_goes},
     medium,
     "{host} port {port} works, but an idle connection to it is forgotten: {detail}"},
    {healthy,
     {all_pass, watch, traffic_unsure},
     {comes_and_goes},
     low,
     "nothing of {host} fails, but too little was seen to say that it works: {detail}"},
    {healthy,
     {all_pass, watch},
     {traffic_unsure, comes_and_goes},
     high,
     "the traffic of {host} passes: {detail}"},
    {healthy,
     {all_pass, zone},
     {answers_differ, names_differ, comes_and_goes},
     high,
     "every name asked in {zone} resolves to {answers}"},
    {healthy,
     {all_pass, plain_text_service},
     {zone, answers_differ, certificate_expiring, comes_and_goes, idle_dropped},
     high,
     "{host} port {port} works as a plain-text service, without TLS"},
    {healthy,
     {all_pass},
     {zone, watch, answers_differ, certificate_expiring, plain_text_service, comes_and_goes, idle_dropped},
     high,
     "{host} port {port} works on {working}"},
};

}  // namespace

std::span<const Row> remaining_rules() {
    return rows;
}

}  // namespace whylink::checks
