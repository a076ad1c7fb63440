#include "checks/followups/table.hpp"

#include <iterator>

namespace whylink::checks {
namespace {

using enum Fact;
using enum probes::FollowUp;

constexpr FollowUpFacts results[]{
    {proxy_v2, proxy_header_answered, proxy_header_same},
    {other_name, other_name_answered, other_name_same},
    {small_segments, small_segments_pass, small_segments_same},
    {plain_text, plain_text_answered, plain_text_silent},
    {other_port, other_port_answers, other_port_silent},
    {other_address, other_address_answers, other_address_silent},
    {read_on, speaker_named, std::nullopt},
    {no_name, no_name_answered, no_name_same},
    {alias_name, alias_name_answered, alias_name_same},
    {other_resolver, other_resolver_knows, other_resolver_missing},
    {sibling_label, sibling_label_resolves, sibling_label_missing},
    {public_name, public_name_resolves, public_name_absent},
    {dns_over_tcp, tcp_query_answered, tcp_query_same},
    {checking_disabled, unchecked_answered, unchecked_same},
    {srv_name, srv_targets, srv_absent},
    {paired_queries, pair_answered, std::nullopt, pair_lost},
    {search_name, search_name_resolves, search_name_absent},
    {linked_name, linked_name_answered, linked_name_same},
    {large_hello, large_hello_answered, std::nullopt, large_hello_fails},
    {large_hello_segments, large_hello_segments_pass, std::nullopt, large_hello_segments_fail},
    {next_hop, next_hop_answers, std::nullopt, next_hop_fails},
    {small_hello, small_hello_answered, std::nullopt},
    {tls12_only, tls12_answered, std::nullopt},
    {control_port, control_port_accepted, std::nullopt},
    {control_address, control_address_accepted, std::nullopt},
    {local_acceptor, accepted_here, std::nullopt},
    {repeat, repeat_answered, repeat_same, repeat_fails},
    {repeat_query, repeat_query_answered, repeat_query_same, name_slow_again},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(results); ++i) {
        if (static_cast<std::size_t>(results[i].kind) != i) {
            return false;
        }
    }
    return std::size(results) == count_of<probes::FollowUp>;
}
static_assert(in_order());

// Of a target whose addresses work in part it is known already that it is the address.
constexpr FactSet some_work{address_works};
// What a resolver, a header or a rule of this host has settled needs no follow-up test.
constexpr FactSet settled{address_works, proxy_header_received};
// Where earlier connections are held against this host, none is made that is not the check's own.
constexpr FactSet some_work_or_judged{address_works, judged_by_history};
constexpr FactSet settled_or_judged{address_works, proxy_header_received, judged_by_history};
// The list's service is known to reset like this, and to speak nothing in plain text on its ports.
constexpr FactSet listed_or_judged{address_works, profile_allow_list, judged_by_history};
// Of these the server, or what is known of it, has said another reason.
constexpr FactSet refused_otherwise{
    address_works,  judged_by_history,           alert_on_name,
    alert_internal, alert_on_client_certificate, alert_maybe_client_certificate};
constexpr FactSet no_tls{plain_text_service, zone, watch};
// Whatever its size, such a server has no cipher in common with an ordinary ClientHello.
constexpr FactSet no_ordinary_tls{plain_text_service, zone, watch, finite_field_only};
constexpr FactSet resolved{name_right, zone, resolver_forbidden_here, resolvers_without_route,
                           control_resolves};

// Another resolver may be fine.
constexpr FactSet asked_in_vain{zone, resolver_forbidden_here, resolvers_without_route, control_resolves};

constexpr FollowUpRow rows[]{
    // ---- this host: takes no place where another connection is made ----
    {local_acceptor, {way_unseen}, some_work, "the endpoint ↔ a redirect or proxy of this host"},
    {local_acceptor,
     {all_pass, accepted_only, way_unseen},
     {},
     "the endpoint ↔ a redirect or proxy of this host",
     Pace::passing_daily},
    // ---- dns ----
    {srv_name, {name_missing, name_nodata}, resolved, "an SRV name ↔ a missing address record"},
    {other_resolver,
     {name_missing},
     resolved,
     "the record or its zone is missing ↔ the DNS server does not use the zone"},
    {srv_name, {name_missing}, resolved, "an SRV name ↔ a missing address record"},
    {sibling_label, {name_missing}, resolved, "this record is missing ↔ the whole zone is missing"},
    {public_name, {name_missing}, resolved, "private DNS is missing ↔ the name itself is wrong"},
    {repeat_query,
     {name_missing},
     resolved,
     "the record is missing ↔ the DNS server does not say the same each time"},
    {other_resolver, {name_public}, resolved, "the private zone is missing ↔ the DNS server does not use it"},
    {other_resolver,
     {resolver_without_reply},
     resolved,
     "these DNS servers are unreachable ↔ all DNS servers are"},
    {other_resolver, {resolver_fails}, resolved, "these DNS servers fail ↔ the name fails everywhere"},
    {checking_disabled,
     {resolver_fails},
     asked_in_vain,
     "DNSSEC validation of the zone fails ↔ the DNS server fails"},
    {repeat_query, {resolver_fails}, asked_in_vain, "the DNS server fails ↔ it failed once"},
    {dns_over_tcp, {resolver_timed_out}, asked_in_vain, "UDP is dropped ↔ the DNS server is down"},
    {search_name, {name_missing}, resolved, "the name is missing ↔ programs find it by the search list"},
    {other_resolver, {name_unexpected}, resolved, "the DNS cache is stale ↔ the record is wrong"},
    {other_address, {name_unexpected}, resolved, "DNS gives a wrong address ↔ `expect` is out of date"},
    // ---- accepted, then reset or closed before the first byte ----
    {proxy_v2,
     {accepted_then_reset},
     settled_or_judged,
     "not on the allow-list ↔ the server waits for a PROXY header"},
    {proxy_v2,
     {accepted_then_closed},
     settled_or_judged,
     "not on the allow-list ↔ the server waits for a PROXY header"},
    {other_name, {accepted_then_reset}, some_work_or_judged, "one service's allow-list ↔ the whole endpoint"},
    {other_name,
     {accepted_then_closed},
     some_work_or_judged,
     "one service's allow-list ↔ the whole endpoint"},
    {linked_name,
     {accepted_then_reset, tls_stage},
     listed_or_judged,
     "not on the allow-list ↔ a name that the server does not serve"},
    {linked_name,
     {accepted_then_closed, tls_stage},
     listed_or_judged,
     "not on the allow-list ↔ a name that the server does not serve"},
    {plain_text,
     {accepted_then_reset, tls_stage},
     listed_or_judged,
     "not on the allow-list ↔ a plain-text service"},
    {plain_text,
     {accepted_then_closed, tls_stage},
     listed_or_judged,
     "not on the allow-list ↔ a plain-text service"},
    // ---- accepted, then silence ----
    {small_segments,
     {tls_silent, full_size_open},
     some_work_or_judged,
     "a path MTU black hole ↔ a silent backend"},
    {small_segments,
     {tls_stalled, full_size_open},
     some_work,
     "a path MTU black hole ↔ a backend that stops"},
    {small_segments,
     {app_silent, full_size_open},
     some_work_or_judged,
     "a path MTU black hole ↔ a silent backend"},
    {small_segments,
     {app_stalled, full_size_open},
     some_work,
     "a path MTU black hole ↔ a backend that stops"},
    {plain_text, {tls_silent}, some_work_or_judged, "a plain-text service ↔ a silent backend"},
    {proxy_v2, {tls_silent}, settled_or_judged, "the server waits for a PROXY header ↔ a silent backend"},
    {proxy_v2, {app_silent}, settled_or_judged, "the server waits for a PROXY header ↔ a silent backend"},
    // ---- accepted, then nothing that is sent is acknowledged ----
    {no_name,
     {data_never_arrives, tls_stage},
     some_work,
     "a middlebox drops this server name ↔ it drops everything"},
    {repeat, {data_never_arrives}, some_work, "a permanent failure ↔ an intermittent one"},
    {small_hello,
     {data_never_arrives, tls_stage, full_size_open},
     some_work,
     "a middlebox drops a ClientHello of this size ↔ it drops everything"},
    {small_segments,
     {data_never_arrives, full_size_open},
     some_work,
     "a path MTU black hole ↔ a middlebox drops what is sent"},
    {other_name,
     {data_never_arrives, tls_stage},
     some_work,
     "a middlebox drops this server name ↔ it drops everything"},
    {plain_text, {data_never_arrives, tls_stage}, some_work, "a middlebox drops TLS ↔ it drops everything"},
    {tls12_only,
     {data_never_arrives, tls_stage},
     some_work,
     "a middlebox drops TLS 1.3 ↔ it drops all of TLS"},
    {small_segments,
     {large_lost},
     some_work,
     "a path MTU black hole ↔ a middlebox drops a ClientHello of several packets"},
    {small_hello,
     {large_lost, tls_stage},
     some_work,
     "a path MTU black hole ↔ a middlebox drops a ClientHello of several packets"},
    {repeat, {large_lost}, some_work, "a permanent failure ↔ an intermittent one"},
    {small_hello,
     {later_data_lost},
     some_work,
     "a middlebox drops a ClientHello of several packets ↔ a silent backend"},
    {repeat, {later_data_lost}, some_work, "a permanent failure ↔ an intermittent one"},
    // ---- whether an acceptance means anything ----
    // After the changes, and in place of the repeat only where no change helped (plan.cpp).
    {control_port,
     {accepted_then_reset},
     some_work_or_judged,
     "the endpoint accepts ↔ something accepts every connection"},
    {control_port,
     {accepted_then_closed},
     some_work_or_judged,
     "the endpoint accepts ↔ something accepts every connection"},
    {control_port,
     {tls_silent},
     some_work_or_judged,
     "the endpoint accepts ↔ something accepts every connection"},
    {control_port,
     {app_silent},
     some_work_or_judged,
     "the endpoint accepts ↔ something accepts every connection"},
    {control_port,
     {all_pass, accepted_only},
     {},
     "the endpoint accepts ↔ something accepts every connection",
     Pace::passing_daily},
    {control_address,
     {all_pass, accepted_only},
     {},
     "the endpoint accepts ↔ something accepts every connection",
     Pace::passing_daily},
    // ---- TLS that offers version 1.3 ----
    {tls12_only,
     {accepted_then_reset, tls_stage},
     listed_or_judged,
     "not on the allow-list ↔ a server that does not take TLS 1.3"},
    {tls12_only,
     {accepted_then_closed, tls_stage},
     listed_or_judged,
     "not on the allow-list ↔ a server that does not take TLS 1.3"},
    {tls12_only,
     {tls_mismatch, tls_stage},
     refused_otherwise,
     "no TLS version in common ↔ a server that does not take TLS 1.3"},
    {tls12_only,
     {tls_alert, tls_stage},
     refused_otherwise,
     "a server that does not take TLS 1.3 ↔ it takes no handshake"},
    {tls12_only, {tls_silent}, some_work_or_judged, "a silent backend ↔ a server that does not take TLS 1.3"},
    // ---- whether these failures last: what there is room for ----
    {repeat, {accepted_then_reset}, some_work_or_judged, "a permanent failure ↔ an intermittent one"},
    {repeat, {accepted_then_closed}, some_work_or_judged, "a permanent failure ↔ an intermittent one"},
    {repeat, {tls_silent}, some_work_or_judged, "a permanent failure ↔ an intermittent one"},
    {repeat, {tls_stalled}, some_work, "a permanent failure ↔ an intermittent one"},
    {repeat, {app_silent}, some_work_or_judged, "a permanent failure ↔ an intermittent one"},
    {repeat, {app_stalled}, some_work, "a permanent failure ↔ an intermittent one"},
    // ---- an answer to a header that is configured ----
    {proxy_v2,
     {proxy_header_configured, not_tls},
     settled,
     "the server takes no PROXY header ↔ the wrong service"},
    {proxy_v2,
     {proxy_header_configured, app_other_protocol},
     settled,
     "the server takes no PROXY header ↔ the wrong service"},
    {proxy_v2,
     {proxy_header_configured, app_unexpected},
     settled,
     "the server takes no PROXY header ↔ the service sends an unexpected reply"},
    // ---- no answer to the SYN ----
    {other_port, {tcp_timeout}, some_work, "one port closed by a rule ↔ the endpoint as a whole"},
    {other_address, {tcp_timeout}, some_work, "one address or its record ↔ the endpoint as a whole"},
    // ---- something else answers ----
    {alias_name, {alert_on_name}, some_work, "the server goes by another name ↔ the wrong service"},
    {linked_name, {alert_on_name}, some_work, "the server goes by another name ↔ the wrong service"},
    {linked_name,
     {certificate_of_other_name},
     {address_works, certificate_of_no_address},
     "the right server under another name ↔ another host"},
    {no_name, {alert_on_name}, some_work, "the wrong name ↔ the wrong service"},
    {read_on, {not_tls}, settled, "names the service that answers"},
    {read_on, {app_other_protocol}, settled, "names the service that answers"},
    {read_on, {tls_broken}, settled, "names the service that answers"},
    // ---- the first exchange names where clients go next ----
    {next_hop,
     {all_pass, sends_clients_on},
     {},
     "the endpoint works ↔ it works, and its clients fail at the next hop",
     Pace::passing},
    // ---- what passes, and is slow ----
    {repeat,
     {all_pass, syn_repeated},
     {},
     "a SYN that was lost once ↔ connects that always take a second",
     Pace::passing},
    {repeat_query, {all_pass, name_slow}, {zone}, "one lookup was slow ↔ lookups are slow", Pace::passing},
    // ---- what works, for programs too? ----
    {paired_queries,
     {all_pass, name_right},
     {zone, edns_unanswered},
     "names resolve at once ↔ programs wait: one of two queries from a socket is lost",
     Pace::passing_daily},
    {search_name,
     {all_pass, name_right},
     {zone},
     "programs ask for this name ↔ the search list leads them elsewhere first",
     Pace::passing_daily},
    // ---- what works, for others too? ----
    {large_hello,
     {all_pass, address_works},
     no_ordinary_tls,
     "works for every client ↔ not with a post-quantum key share",
     Pace::passing_daily},
    {large_hello_segments,
     {all_pass, address_works, large_hello_fails},
     no_ordinary_tls,
     "a device that takes one packet only ↔ full-sized packets are lost",
     Pace::passing_daily},
    {repeat,
     {all_pass, address_works, large_hello_fails},
     no_ordinary_tls,
     "a ClientHello of more than one packet fails ↔ now and then any connection does",
     Pace::passing_daily},
};

}  // namespace

std::span<const FollowUpFacts> follow_up_facts() {
    return results;
}

std::span<const FollowUpRow> follow_up_rows() {
    return rows;
}

}  // namespace whylink::checks
