#include "checks/followups/followups.hpp"

#include <array>

namespace whylink::checks {
namespace {

using F = Fact;
using enum probes::FollowUp;

constexpr std::array results{
    FollowUpFacts{proxy_v2, F::proxy_header_answered, F::proxy_header_same},
    FollowUpFacts{other_name, F::other_name_answered, F::other_name_same},
    FollowUpFacts{small_segments, F::small_segments_pass, F::small_segments_same},
    FollowUpFacts{plain_text, F::plain_text_answered, F::plain_text_silent},
    FollowUpFacts{other_port, F::other_port_answers, F::other_port_silent},
    FollowUpFacts{other_address, F::other_address_answers, F::other_address_silent},
    FollowUpFacts{read_on, F::speaker_named, std::nullopt},
    FollowUpFacts{no_name, F::no_name_answered, F::no_name_same},
    FollowUpFacts{alias_name, F::alias_name_answered, F::alias_name_same},
    FollowUpFacts{other_resolver, F::other_resolver_knows, F::other_resolver_missing},
    FollowUpFacts{sibling_label, F::sibling_label_resolves, F::sibling_label_missing},
    FollowUpFacts{public_name, F::public_name_resolves, F::public_name_absent},
    FollowUpFacts{repeat, F::repeat_answered, std::nullopt},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (static_cast<std::size_t>(results[i].kind) != i) {
            return false;
        }
    }
    return results.size() == count_of<probes::FollowUp>;
}
static_assert(in_order());

// Of a target whose addresses work in part it is known already that it is the address.
constexpr FactSet some_work{F::address_works};
// What a resolver, a header or a rule of this host has settled needs no follow-up test.
constexpr FactSet settled{F::address_works, F::proxy_header_received};
// The list's service is known to reset like this, and to speak nothing in plain text on its ports.
constexpr FactSet settled_or_listed{F::address_works, F::profile_allow_list};
constexpr FactSet resolved{F::name_right, F::zone, F::resolver_forbidden_here, F::resolvers_without_route,
                           F::control_resolves};

constexpr std::array rows{
    // ---- dns ----
    FollowUpRow{other_resolver,
                {F::name_missing},
                resolved,
                "the record or its zone is missing ↔ the resolver in use does not get to it"},
    FollowUpRow{
        sibling_label, {F::name_missing}, resolved, "this name's record is missing ↔ the whole zone is"},
    FollowUpRow{
        public_name, {F::name_missing}, resolved, "private DNS is missing ↔ the name itself is wrong"},
    FollowUpRow{other_resolver,
                {F::name_public},
                resolved,
                "the private zone is missing ↔ the resolver in use does not get to it"},
    FollowUpRow{other_resolver,
                {F::resolver_without_reply},
                resolved,
                "these resolvers are unreachable ↔ no resolver is reached"},
    FollowUpRow{
        other_resolver, {F::resolver_fails}, resolved, "these resolvers fail ↔ the name fails everywhere"},
    FollowUpRow{
        other_address, {F::name_unexpected}, resolved, "DNS gives a wrong address ↔ `expect` is out of date"},
    // ---- accepted, then reset or closed before the first byte ----
    FollowUpRow{proxy_v2,
                {F::accepted_then_reset},
                settled,
                "not on the allow-list ↔ the server waits for a PROXY header"},
    FollowUpRow{proxy_v2,
                {F::accepted_then_closed},
                settled,
                "not on the allow-list ↔ the server waits for a PROXY header"},
    FollowUpRow{
        other_name, {F::accepted_then_reset}, some_work, "one service's allow-list ↔ the whole endpoint"},
    FollowUpRow{
        other_name, {F::accepted_then_closed}, some_work, "one service's allow-list ↔ the whole endpoint"},
    FollowUpRow{plain_text,
                {F::accepted_then_reset, F::tls_stage},
                settled_or_listed,
                "not on the allow-list ↔ a plain-text service"},
    FollowUpRow{plain_text,
                {F::accepted_then_closed, F::tls_stage},
                settled_or_listed,
                "not on the allow-list ↔ a plain-text service"},
    // ---- accepted, then silence ----
    FollowUpRow{small_segments,
                {F::tls_silent, F::full_size_open},
                some_work,
                "a path MTU black hole ↔ a silent backend"},
    FollowUpRow{small_segments,
                {F::tls_stalled, F::full_size_open},
                some_work,
                "a path MTU black hole ↔ a backend that falls silent"},
    FollowUpRow{small_segments,
                {F::app_silent, F::full_size_open},
                some_work,
                "a path MTU black hole ↔ a silent backend"},
    FollowUpRow{small_segments,
                {F::app_stalled, F::full_size_open},
                some_work,
                "a path MTU black hole ↔ a backend that falls silent"},
    FollowUpRow{plain_text, {F::tls_silent}, some_work, "a plain-text service ↔ a silent backend"},
    FollowUpRow{proxy_v2, {F::tls_silent}, settled, "the server waits for a PROXY header ↔ a silent backend"},
    FollowUpRow{proxy_v2, {F::app_silent}, settled, "the server waits for a PROXY header ↔ a silent backend"},
    // ---- whether these failures last ----
    FollowUpRow{
        repeat, {F::accepted_then_reset}, some_work, "what the others show ↔ a failure that comes and goes"},
    FollowUpRow{
        repeat, {F::accepted_then_closed}, some_work, "what the others show ↔ a failure that comes and goes"},
    FollowUpRow{repeat, {F::tls_silent}, some_work, "what the others show ↔ a failure that comes and goes"},
    FollowUpRow{repeat, {F::tls_stalled}, some_work, "what the others show ↔ a failure that comes and goes"},
    FollowUpRow{repeat, {F::app_silent}, some_work, "what the others show ↔ a failure that comes and goes"},
    FollowUpRow{repeat, {F::app_stalled}, some_work, "what the others show ↔ a failure that comes and goes"},
    // ---- an answer to a header that is configured ----
    FollowUpRow{proxy_v2,
                {F::proxy_header_configured, F::not_tls},
                settled,
                "the server takes no PROXY header ↔ the wrong service"},
    FollowUpRow{proxy_v2,
                {F::proxy_header_configured, F::app_other_protocol},
                settled,
                "the server takes no PROXY header ↔ the wrong service"},
    FollowUpRow{proxy_v2,
                {F::proxy_header_configured, F::app_unexpected},
                settled,
                "the server takes no PROXY header ↔ the service answers otherwise than expected"},
    // ---- no answer to the SYN ----
    FollowUpRow{
        other_port, {F::tcp_timeout}, some_work, "one port closed by a rule ↔ the endpoint as a whole"},
    FollowUpRow{
        other_address, {F::tcp_timeout}, some_work, "one address or its record ↔ the endpoint as a whole"},
    // ---- something else answers ----
    FollowUpRow{
        alias_name, {F::alert_on_name}, some_work, "the server goes by another name ↔ the wrong service"},
    FollowUpRow{no_name, {F::alert_on_name}, some_work, "the wrong name ↔ the wrong service"},
    FollowUpRow{read_on, {F::not_tls}, settled, "names the service that answers"},
    FollowUpRow{read_on, {F::app_other_protocol}, settled, "names the service that answers"},
    FollowUpRow{read_on, {F::tls_broken}, settled, "names the service that answers"},
};

}  // namespace

std::span<const FollowUpFacts> follow_up_facts() {
    return results;
}

std::span<const FollowUpRow> follow_up_rows() {
    return rows;
}

}  // namespace whylink::checks
