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
     .summary =
         "programs on this host that use the C library get no answer of {resolver} for {host}: `options edns0` in "
         "/etc/resolv.conf has them send EDNS, which is dropped; this check asked without it and works",
     .fault = "edns_of_programs",
     .title = "programs get no DNS answer"},
    warning(
        {edns_unanswered},
        "{host} port {port} works, but {resolver} answers only queries without EDNS: programs that send it fail "
        "(Go's resolver, systemd-resolved, DNSSEC validators); the C library does not without `options edns0`",
        "edns_dropped"),
    warning(
        {one_type_denied},
        "{host} port {port} works, but {resolver} says NXDOMAIN for one type of its records: programs on musl (Alpine "
        "Linux) and some others take the name for missing",
        "one_type_denied"),
    warning(
        {pair_lost},
        "{host} port {port} works, but of two queries of the same socket one gets no reply: programs that use the C "
        "library wait for its time-out at each lookup",
        "pair_lost", {pair_answered}),
    warning(
        {pair_lost, pair_answered},
        "{host} port {port} works, but at one of the resolvers one of two queries of the same socket gets no reply: "
        "programs that use the C library wait for its time-out when they ask there",
        "pair_lost"),
    warning(
        {search_name_resolves},
        "{host} port {port} works, but programs on this host do not ask for that name first: `ndots` and the search "
        "list of /etc/resolv.conf lead them to another address",
        "search_list"),
    warning(
        {dns_not_used},
        "{host} port {port} works, but programs on this host that use the C library do not ask DNS for that name: "
        "/etc/nsswitch.conf ends the lookup before it",
        "nsswitch"),
    warning({answer_stale},
            "{host} port {port} works by an answer that has expired in the cache of {resolver}: {dns_error}",
            "stale_answer"),
};

}  // namespace

std::span<const Row> lookup_warnings() {
    return rows;
}

}  // namespace whylink::checks
