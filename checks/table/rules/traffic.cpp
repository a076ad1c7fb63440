// Real traffic: watches.
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
    // ---- real traffic: watches ----
    Row{connection_refused, {F::loopback_only}, {}, high, "{host} cannot be reached from outside: {detail}"},
    Row{connection_refused, {F::not_listening}, {F::loopback_only}, high, "nothing listens on {host}"},
    Row{backend_silent,
        {F::syns_unanswered, F::backlog_full},
        not_there,
        high,
        "the application does not accept its connections on {host}, so that the kernel drops new ones: "
        "{detail}"},
    Row{local_firewall,
        {F::syns_rejected_here},
        not_there,
        high,
        "a rule of this VM rejects connections to {host}: {detail}"},
    Row{local_firewall,
        {F::syns_unanswered, F::listening},
        {F::backlog_full},
        high,
        "SYNs arrive at {host}, a socket listens, and no answer leaves: a rule of this VM or its "
        "reverse-path filter drops them: {detail}"},
    Row{local_firewall,
        {F::syns_unanswered},
        {F::listening, F::not_listening, F::backlog_full},
        medium,
        "SYNs arrive at {host} and no answer leaves: {detail}"},
    Row{connection_refused,
        {F::syns_refused},
        not_there,
        medium,
        "this VM refuses connections to {host}: {detail}"},
    Row{syn_unanswered,
        {F::answers_unacknowledged},
        not_there,
        medium,
        "this VM answers the SYNs to {host}, and its answers are lost on the way back: {detail}"},
    Row{proxy_protocol_mismatch,
        {F::proxy_header_unwanted},
        not_there,
        medium,
        "connections to {host} begin with a PROXY header, and the application ends them: {detail}"},
    Row{no_inbound_traffic,
        {F::traffic_missing, F::traffic_elsewhere},
        not_there,
        medium,
        "nothing is seen of {host} on the one interface that is captured, for longer than `expect_traffic`: "
        "{detail}"},
    Row{no_inbound_traffic,
        {F::traffic_missing},
        not_there,
        high,
        "nothing is seen of {host} for longer than `expect_traffic`: {detail}"},
    Row{one_address_failing,
        {F::watch, F::address_works, F::address_fails},
        {},
        high,
        "connections to {address} fail, and those to {working} succeed: {detail}"},
    Row{syn_unanswered,
        {F::partly_failing, F::tcp_timeout},
        {},
        medium,
        "some connections to {address} get no answer, and others succeed: {detail}"},
    Row{connection_refused,
        {F::partly_failing, F::tcp_refused},
        {},
        medium,
        "some connections to {address} are refused, and others succeed: {detail}"},
};

}  // namespace

std::span<const Row> traffic_rules() {
    return rows;
}

}  // namespace whylink::checks
