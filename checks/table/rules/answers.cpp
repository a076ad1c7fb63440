// What stands beside the answers: SRV records below the name, the zone that denies it, caches, policies of the resolver,
// and addresses that somebody on the way hands out.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr FactSet settled{answers_differ, name_right};

constexpr Row rows[]{
    // ---- an SRV name ----
    {healthy,
     {all_pass, srv_targets, srv_targets_work},
     {},
     high,
     "{host} is an SRV name, and its targets work: {targets}"},
    {.cause = private_dns_missing,
     .when = {name_missing, srv_targets},
     .unless = {answers_differ, name_right, name_elsewhere, srv_targets_work},
     .best = medium,
     .summary = "{host} is an SRV name and has no address of its own; its targets are {targets}",
     .fault = "srv_name"},

    // ---- the zone that denies it ----
    {private_zone_shadows,
     {name_missing, name_hidden},
     {name_right, name_elsewhere, srv_targets, answer_stale},
     high,
     "{host} is hidden: the private zone {dns_zone} answers for it here and has no record of it"},

    // ---- caches ----
    {dns_cache_stale,
     {name_missing, answer_stale},
     settled,
     high,
     "{resolver} says of {host} what has expired in its cache: {dns_error}"},
    {dns_cache_stale,
     {name_elsewhere, answer_stale},
     settled,
     high,
     "{resolver} gives {answers} for {host}, which has expired in its cache: {dns_error}"},
    {dns_cache_stale,
     {cache_is_wrong},
     {answer_stale},
     medium,
     "the cache of {resolver} gives an answer for {host} that another resolver, which is fresher, does not give"},

    // ---- a policy of the resolver ----
    {.cause = private_dns_missing,
     .when = {name_missing, answer_filtered},
     .unless = {answers_differ, name_right, name_elsewhere, srv_targets, random_none},
     .best = medium,
     .summary =
         "{resolver} holds the answer for {host} back by a policy of its own, such as a filter or a protection "
         "against DNS rebinding: {dns_error}",
     .fault = "filtered"},

    // ---- addresses that somebody on the way hands out ----
    {.cause = resolver_rewrites,
     .when = {name_fake, sibling_label_fake},
     .unless = {},
     .best = high,
     .summary = "a proxy client answers every name, {host} too, with an address of its own ({answers})",
     .fault = "fake_address"},
    {.cause = resolver_rewrites,
     .when = {name_fake},
     .unless = {sibling_label_fake},
     .best = medium,
     .summary = "{host} has an address that a proxy client hands out for every name ({answers})",
     .fault = "fake_address"},
    {.cause = local_interception,
     .when = {name_of_mesh},
     .unless = {},
     .best = medium,
     .summary = "a service mesh answers for {host} with an address of its own ({answers})",
     .fault = "mesh_address"},
    {.cause = wrong_dns_record,
     .when = {name_of_lattice},
     .unless = settled,
     .best = medium,
     .summary = "{host} has an address of VPC Lattice ({answers}), which `expect` does not have",
     .fault = "lattice_address"},
    {.cause = private_dns_bypassed,
     .when = {name_of_google},
     .unless = settled,
     .best = medium,
     .summary =
         "{host} has an address of Google's private access ({answers}), which lies in public address space",
     .fault = "google_address"},
    {.cause = wrong_dns_record,
     .when = {name_blocked},
     .unless = settled,
     .best = medium,
     .summary = "{resolver} answers {host} with {answers}, as filter lists do",
     .fault = "blocked_address"},
};

}  // namespace

std::span<const Row> answer_rules() {
    return rows;
}

}  // namespace whylink::checks
