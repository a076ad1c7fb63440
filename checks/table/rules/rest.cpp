// What says nothing about the peer, and what works.
#include <array>

#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using F = Fact;
using enum Cause;
using enum Confidence;

// Where nothing listens, nothing else of the traffic matters.
constexpr FactSet not_there{F::not_listening};

constexpr std::array rows{
    // ---- nothing about the peer ----
    Row{local_limit, {F::local_error}, not_there, high, "the check could not be made: {detail}"},
    Row{local_limit, {F::nothing_probed}, {}, low, "nothing could be probed for {name}"},

    // ---- what works ----
    // Explains no round that failed, nor does a certificate that has yet to expire.
    Row{certificate_problem,
        {F::healthy, F::certificate_expiring},
        {F::comes_and_goes},
        high,
        "{host} works, but its certificate expires soon: {detail}"},
    // The round itself passes; what was held idle beside it did not last.
    Row{reset_mid_connection,
        {F::healthy, F::idle_dropped},
        {F::answers_differ, F::certificate_expiring, F::comes_and_goes, F::idle_unanswered},
        high,
        "{host} port {port} works, but an idle connection to it does not last: {detail}"},
    // One that is not answered any more may be an outage of that moment.
    Row{reset_mid_connection,
        {F::healthy, F::idle_dropped, F::idle_unanswered},
        {F::answers_differ, F::certificate_expiring, F::comes_and_goes},
        medium,
        "{host} port {port} works, but an idle connection to it is forgotten: {detail}"},
    Row{healthy,
        {F::healthy, F::watch, F::traffic_unsure},
        {F::comes_and_goes},
        low,
        "nothing of {host} fails, but too little was seen to say that it works: {detail}"},
    Row{healthy,
        {F::healthy, F::watch},
        {F::traffic_unsure, F::comes_and_goes},
        high,
        "the traffic of {host} passes: {detail}"},
    Row{healthy,
        {F::healthy, F::zone},
        {F::answers_differ, F::names_differ, F::comes_and_goes},
        high,
        "every name asked in {zone} resolves to {answers}"},
    Row{healthy,
        {F::healthy, F::plain_text_service},
        {F::zone, F::answers_differ, F::certificate_expiring, F::comes_and_goes, F::idle_dropped},
        high,
        "{host} port {port} works as a plain-text service, without TLS"},
    Row{healthy,
        {F::healthy},
        {F::zone, F::watch, F::answers_differ, F::certificate_expiring, F::plain_text_service,
         F::comes_and_goes, F::idle_dropped},
        high,
        "{host} port {port} works on {working}"},
};

}  // namespace

std::span<const Row> remaining_rules() {
    return rows;
}

}  // namespace whylink::checks
