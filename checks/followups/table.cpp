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
    {repeat, repeat_answered, std::nullopt},
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
// The list's service is known to reset like this, and to speak nothing in plain text on its ports.
constexpr FactSet settled_or_listed{address_works, profile_allow_list};
constexpr FactSet resolved{name_right, zone, resolver_forbidden_here, resolvers_without_route,
                           control_resolves};

constexpr FollowUpRow rows[]{
    // ---- dns ----
    {other_resolver,
     {name_missing},
     resolved,
     "the record or its zone is missing ↔ the resolver in use does not get to it"},
    {sibling_label, {name_missing}, resolved, "this name's record is missing ↔ the whole zone is"},
    {public_name, {name_missing}, resolved, "private DNS is missing ↔ the name itself is wrong"},
    {other_resolver,
     {name_public},
     resolved,
     "the private zone is missing ↔ the resolver in use does not get to it"},
    {other_resolver,
     {resolver_without_reply},
     resolved,
     "these resolvers are unreachable ↔ no resolver is reached"},
    {other_resolver, {resolver_fails}, resolved, "these resolvers fail ↔ the name fails everywhere"},
    {other_address, {name_unexpected}, resolved, "DNS gives a wrong address ↔ `expect` is out of date"},
    // ---- accepted, then reset or closed before the first byte ----
    {proxy_v2, {accepted_then_reset}, settled, "not on the allow-list ↔ the server waits for a PROXY header"},
    {proxy_v2,
     {accepted_then_closed},
     settled,
     "not on the allow-list ↔ the server waits for a PROXY header"},
    {other_name, {accepted_then_reset}, some_work, "one service's allow-list ↔ the whole endpoint"},
    {other_name, {accepted_then_closed}, some_work, "one service's allow-list ↔ the whole endpoint"},
    {plain_text,
     {accepted_then_reset, tls_stage},
     settled_or_listed,
     "not on the allow-list ↔ a plain-text service"},
    {plain_text,
     {accepted_then_closed, tls_stage},
     settled_or_listed,
     "not on the allow-list ↔ a plain-text service"},
    // ---- accepted, then silence ----
    {small_segments, {tls_silent, full_size_open}, some_work, "a path MTU black hole ↔ a silent backend"},
    {small_segments,
     {tls_stalled, full_size_open},
     some_work,
     "a path MTU black hole ↔ a backend that falls silent"},
    {small_segments, {app_silent, full_size_open}, some_work, "a path MTU black hole ↔ a silent backend"},
    {small_segments,
     {app_stalled, full_size_open},
     some_work,
     "a path MTU black hole ↔ a backend that falls silent"},
    {plain_text, {tls_silent}, some_work, "a plain-text service ↔ a silent backend"},
    {proxy_v2, {tls_silent}, settled, "the server waits for a PROXY header ↔ a silent backend"},
    {proxy_v2, {app_silent}, settled, "the server waits for a PROXY header ↔ a silent backend"},
    // ---- whether these failures last ----
    {repeat, {accepted_then_reset}, some_work, "what the others show ↔ a failure that comes and goes"},
    {repeat, {accepted_then_closed}, some_work, "what the others show ↔ a failure that comes and goes"},
    {repeat, {tls_silent}, some_work, "what the others show ↔ a failure that comes and goes"},
    {repeat, {tls_stalled}, some_work, "what the others show ↔ a failure that comes and goes"},
    {repeat, {app_silent}, some_work, "what the others show ↔ a failure that comes and goes"},
    {repeat, {app_stalled}, some_work, "what the others show ↔ a failure that comes and goes"},
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
     "the server takes no PROXY header ↔ the service answers otherwise than expected"},
    // ---- no answer to the SYN ----
    {other_port, {tcp_timeout}, some_work, "one port closed by a rule ↔ the endpoint as a whole"},
    {other_address, {tcp_timeout}, some_work, "one address or its record ↔ the endpoint as a whole"},
    // ---- something else answers ----
    {alias_name, {alert_on_name}, some_work, "the server goes by another name ↔ the wrong service"},
    {no_name, {alert_on_name}, some_work, "the wrong name ↔ the wrong service"},
    {read_on, {not_tls}, settled, "names the service that answers"},
    {read_on, {app_other_protocol}, settled, "names the service that answers"},
    {read_on, {tls_broken}, settled, "names the service that answers"},
};

}  // namespace

std::span<const FollowUpFacts> follow_up_facts() {
    return results;
}

std::span<const FollowUpRow> follow_up_rows() {
    return rows;
}

}  // namespace whylink::checks
