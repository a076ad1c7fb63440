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
     "{host} is an SRV name, and its targets work: {targets}."},
    {.cause = private_dns_missing,
     .when = {name_missing, srv_targets},
     .unless = {answers_differ, name_right, name_elsewhere, srv_targets_work},
     .best = medium,
     .summary = "{host} is an SRV name without an address; its targets are {targets}.",
     .fault = "srv_name"},

    // ---- the zone that denies it ----
    {private_zone_shadows,
     {name_missing, name_hidden},
     {name_right, name_elsewhere, srv_targets, answer_stale},
     high,
     "The private zone {dns_zone} answers for {host} here and has no record: it hides the public record."},

    // ---- caches ----
    {dns_cache_stale,
     {name_missing, answer_stale},
     settled,
     high,
     "{resolver} serves an expired negative answer for {host}: {dns_error}."},
    {dns_cache_stale,
     {name_elsewhere, answer_stale},
     settled,
     high,
     "{resolver} serves {answers} for {host} from an expired cache entry: {dns_error}."},
    {dns_cache_stale,
     {cache_is_wrong},
     {answer_stale},
     medium,
     "The cache of {resolver} serves an answer for {host} that a fresher DNS server does not give."},

    // ---- a policy of the resolver ----
    {.cause = private_dns_missing,
     .when = {name_missing, answer_filtered},
     .unless = {answers_differ, name_right, name_elsewhere, srv_targets, random_none},
     .best = medium,
     .summary =
         "A policy of {resolver} blocks the answer for {host} (filter list or DNS rebinding protection): "
         "{dns_error}.",
     .fault = "filtered"},

    // ---- addresses that somebody on the way hands out ----
    {.cause = resolver_rewrites,
     .when = {name_fake, sibling_label_fake},
     .unless = {},
     .best = high,
     .summary =
         "A proxy client on the way answers every DNS name with its own address ({answers}), {host} too.",
     .fault = "fake_address"},
    {.cause = resolver_rewrites,
     .when = {name_fake},
     .unless = {sibling_label_fake},
     .best = medium,
     .summary = "{host} resolves to {answers}, an address that proxy clients give to every name.",
     .fault = "fake_address"},
    {.cause = local_interception,
     .when = {name_of_mesh},
     .unless = {},
     .best = medium,
     .summary = "A service mesh answers for {host} with its own address ({answers}).",
     .fault = "mesh_address"},
    {.cause = wrong_dns_record,
     .when = {name_of_lattice},
     .unless = settled,
     .best = medium,
     .summary = "{host} resolves to a VPC Lattice address ({answers}) that is not in `expect`.",
     .fault = "lattice_address"},
    {.cause = private_dns_bypassed,
     .when = {name_of_google},
     .unless = settled,
     .best = medium,
     .summary =
         "{host} resolves to Google's private access range ({answers}), which is public address space.",
     .fault = "google_address"},
    {.cause = wrong_dns_record,
     .when = {name_blocked},
     .unless = settled,
     .best = medium,
     .summary = "{resolver} answers {host} with {answers}, as DNS filter lists do.",
     .fault = "blocked_address"},
};

}  // namespace

std::span<const Row> answer_rules() {
    return rows;
}

}  // namespace whylink::checks
