// Real traffic: watches.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr Row rows[]{
    // ---- real traffic: watches ----
    {connection_refused, {loopback_only}, {}, high, "{host} cannot be reached from outside: {detail}"},
    {connection_refused, {not_listening}, {loopback_only}, high, "nothing listens on {host}"},
    {backend_silent,
     {syns_unanswered, backlog_full},
     not_there,
     high,
     "the application does not accept its connections on {host}, so that the kernel drops new ones: "
     "{detail}"},
    {local_firewall,
     {syns_rejected_here},
     not_there,
     high,
     "a rule of this VM rejects connections to {host}: {detail}"},
    {local_firewall,
     {syns_unanswered, listening},
     {backlog_full},
     high,
     "SYNs arrive at {host}, a socket listens, and no answer leaves: a rule of this VM or its "
     "reverse-path filter drops them: {detail}"},
    {local_firewall,
     {syns_unanswered},
     {listening, not_listening, backlog_full},
     medium,
     "SYNs arrive at {host} and no answer leaves: {detail}"},
    {connection_refused,
     {syns_refused},
     not_there,
     medium,
     "this VM refuses connections to {host}: {detail}"},
    {syn_unanswered,
     {answers_unacknowledged},
     not_there,
     medium,
     "this VM answers the SYNs to {host}, and its answers are lost on the way back: {detail}"},
    {proxy_protocol_mismatch,
     {proxy_header_unwanted},
     not_there,
     medium,
     "connections to {host} begin with a PROXY header, and the application ends them: {detail}"},
    {no_inbound_traffic,
     {traffic_missing, traffic_elsewhere},
     not_there,
     medium,
     "nothing is seen of {host} on the one interface that is captured, for longer than `expect_traffic`: "
     "{detail}"},
    {no_inbound_traffic,
     {traffic_missing},
     not_there,
     high,
     "nothing is seen of {host} for longer than `expect_traffic`: {detail}"},
    {one_address_failing,
     {watch, address_works, address_fails},
     {},
     high,
     "connections to {address} fail, and those to {working} succeed: {detail}"},
    {syn_unanswered,
     {partly_failing, tcp_timeout},
     {},
     medium,
     "some connections to {address} get no answer, and others succeed: {detail}"},
    {connection_refused,
     {partly_failing, tcp_refused},
     {},
     medium,
     "some connections to {address} are refused, and others succeed: {detail}"},
};

}  // namespace

std::span<const Row> traffic_rules() {
    return rows;
}

}  // namespace whylink::checks
