// What works here by the answers of DNS, and not for every program: healthy, with severity `warning`.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr FactSet of_the_round{zone,           watch,       answers_differ, certificate_expiring,
                               comes_and_goes, idle_dropped};
constexpr FactSet said_otherwise{zone,           watch,        answers_differ,        certificate_expiring,
                                 comes_and_goes, idle_dropped, edns_lost_for_programs};

constexpr Row warning(FactSet when, std::string_view summary, std::string_view fault, FactSet more = {}) {
    more.insert_all(said_otherwise);
    when.insert(all_pass);
    return {.cause = healthy,
            .when = when,
            .unless = more,
            .best = high,
            .summary = summary,
            .warns = true,
            .fault = fault};
}

constexpr Row rows[]{
    // The endpoint works, and this check got there by a query that no program of this host sends: for these the name does
    // not resolve at all. To call that healthy would be to speak of the check alone.
    {.cause = resolver_unreachable,
     .when = {all_pass, edns_lost_for_programs},
     .unless = of_the_round,
     .best = high,
     .summary = "{host} works without EDNS, but programs on the C library fail: `options edns0` in "
                "/etc/resolv.conf makes them send EDNS, and {resolver} does not answer it.",
     .fault = "edns_of_programs",
     .title = "programs get no DNS answer"},
    warning({edns_unanswered},
            "{host} port {port} works, but {resolver} answers only queries without EDNS. Go's resolver, "
            "systemd-resolved and DNSSEC validators fail.",
            "edns_dropped"),
    warning({one_type_denied},
            "{host} port {port} works, but {resolver} says NXDOMAIN for one record type: programs on musl "
            "(Alpine Linux) take the name for missing.",
            "one_type_denied"),
    warning(
        {pair_lost},
        "{host} port {port} works, but one of two queries from the same socket gets no reply: programs on "
        "the C library wait at each lookup.",
        "pair_lost", {pair_answered}),
    warning({pair_lost, pair_answered},
            "{host} port {port} works, but one DNS server loses one of two queries from the same socket: "
            "programs on the C library wait for it.",
            "pair_lost"),
    warning(
        {name_slow, name_slow_again},
        "{host} port {port} works, but lookups are slow: {resolver} takes about a second or more each time.",
        "slow_lookup"),
    warning({search_name_resolves},
            "{host} port {port} works, but programs on this host ask for another name first: `ndots` and the "
            "search list lead to another address.",
            "search_list"),
    warning({dns_not_used},
            "{host} port {port} works, but programs on this host do not ask DNS for this name: "
            "/etc/nsswitch.conf ends the lookup before it.",
            "nsswitch"),
    warning({answer_stale},
            "{host} port {port} works by an expired answer from the cache of {resolver}: {dns_error}.",
            "stale_answer"),
};

}  // namespace

std::span<const Row> lookup_warnings() {
    return rows;
}

}  // namespace whylink::checks
