// Real traffic: watches.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr Row rows[]{
    // ---- real traffic: watches ----
    {connection_refused, {loopback_only}, {}, high, "Other hosts cannot reach {host}: {detail}."},
    {connection_refused, {not_listening}, {loopback_only}, high, "Nothing listens on {host}."},
    {backend_silent,
     {syns_unanswered, backlog_full},
     not_there,
     high,
     "The application on {host} does not accept connections, so the kernel drops new ones: {detail}."},
    {local_firewall,
     {syns_rejected_here},
     not_there,
     high,
     "A rule of this host rejects connections to {host}: {detail}."},
    {local_firewall,
     {syns_unanswered, listening},
     {backlog_full},
     high,
     "SYNs reach {host} and a socket listens, but no answer leaves. A rule of this host or its "
     "reverse-path filter drops them: {detail}."},
    {local_firewall,
     {syns_unanswered},
     {listening, not_listening, backlog_full},
     medium,
     "SYNs reach {host}, but no answer leaves: {detail}."},
    {connection_refused,
     {syns_refused},
     not_there,
     medium,
     "This host refuses connections to {host}: {detail}."},
    {syn_unanswered,
     {answers_unacknowledged},
     not_there,
     medium,
     "This host answers SYNs to {host}, but its answers are lost on the return path: {detail}."},
    {proxy_protocol_mismatch,
     {proxy_header_unwanted},
     not_there,
     medium,
     "Connections to {host} begin with a PROXY header, and the application closes them: {detail}."},
    {no_inbound_traffic,
     {traffic_missing, traffic_elsewhere},
     {not_listening, peer_waits, link_ended, targets_unhealthy},
     medium,
     "No traffic of {host} on the captured interface for longer than `expect_traffic`: {detail}."},
    {no_inbound_traffic,
     {traffic_missing},
     {not_listening, peer_waits, link_ended, targets_unhealthy},
     high,
     "No traffic of {host} for longer than `expect_traffic`: {detail}."},
    {one_address_failing,
     {watch, address_works, address_fails},
     {},
     high,
     "Connections to {address} fail, those to {working} succeed: {detail}."},
    {syn_unanswered,
     {partly_failing, tcp_timeout},
     {},
     medium,
     "Some connections to {address} get no answer, others succeed: {detail}."},
    {connection_refused,
     {partly_failing, tcp_refused},
     {},
     medium,
     "Some connections to {address} are refused, others succeed: {detail}."},
};

}  // namespace

std::span<const Row> traffic_rules() {
    return rows;
}

}  // namespace whylink::checks
