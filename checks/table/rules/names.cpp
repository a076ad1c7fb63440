// What DNS says of the host, or of the zone's names.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

// A wildcard verdict needs resolvers that agree.
constexpr FactSet unsettled{answers_differ};

// Of one name that has no address, as nothing else is to blame for.
constexpr FactSet lone_name{answers_differ,         name_right,  name_elsewhere,  random_none,
                            sibling_label_resolves, srv_targets, answer_filtered, name_hidden};
constexpr FactSet known_elsewhere{answers_differ, name_right,  name_elsewhere,
                                  random_none,    srv_targets, name_hidden};
// Addresses that somebody on the way hands out have their own rows.
constexpr FactSet of_the_zone{answers_differ, name_right,     name_missing,    name_fake,
                              name_of_mesh,   name_of_google, name_of_lattice, name_blocked};

constexpr FactSet with(FactSet facts, FactSet more) {
    facts.insert_all(more);
    return facts;
}

constexpr Row rows[]{
    // ---- what DNS says ----
    {resolver_rewrites,
     {control_resolves},
     {},
     high,
     "{resolver} resolves nonexistent names: its answers for {zone} prove nothing."},
    {resolvers_disagree, {answers_differ}, {}, high, "The DNS servers give different answers for {host}."},
    {wildcard_missing,
     {random_none},
     {known_missing, answers_differ},
     high,
     "No random name of {zone} resolves: the wildcard record is missing."},
    {private_dns_missing,
     {random_none, known_missing, known_resolves},
     unsettled,
     high,
     "No random name of {zone} resolves, and some known names do not."},
    {private_dns_missing,
     {random_none, known_missing},
     unsettled,
     high,
     "Neither random nor known names of {zone} resolve: this host does not see the zone."},
    {wildcard_overridden,
     {zone, name_right, name_elsewhere},
     unsettled,
     high,
     "Some names of {zone} resolve to other addresses ({answers})."},
    {wildcard_overridden,
     {zone, name_right, name_missing},
     {random_none, answers_differ},
     high,
     "Some names of {zone} do not resolve; others do."},
    {wildcard_overridden,
     {zone, name_elsewhere, name_missing},
     {random_none, answers_differ},
     medium,
     "Names of {zone} resolve to other addresses ({answers}) or not at all."},
    {wildcard_overridden,
     {names_differ},
     {random_none, answers_differ, name_elsewhere, name_missing},
     medium,
     "Names of {zone} resolve to different addresses ({answers}), and `expect` is not set."},
    {private_dns_bypassed,
     {name_public, other_resolver_knows},
     of_the_zone,
     high,
     "{resolver} resolves {host} to a public address ({answers}); another DNS server has the private one. "
     "{resolver} does not use the private zone."},
    {private_dns_bypassed,
     {name_public},
     with(of_the_zone, {other_resolver_knows}),
     high,
     "{host} resolves to a public address ({answers}): connections bypass the private endpoint."},
    {wrong_dns_record,
     {name_unexpected, other_address_answers},
     of_the_zone,
     high,
     "{host} resolves to {answers}. The endpoint's address in `expect` answers, and DNS does not give "
     "it."},
    {wrong_dns_record,
     {name_unexpected, other_address_silent},
     with(of_the_zone, {other_address_answers}),
     medium,
     "{host} resolves to {answers}, which is not in `expect`. No address of `expect` answers: `expect` "
     "may be out of date."},
    {wrong_dns_record,
     {name_unexpected},
     of_the_zone,
     high,
     "{host} resolves to {answers}, which is not the endpoint's address."},
    {.cause = dns_cache_stale,
     .when = {name_missing, repeat_query_answered},
     .unless = known_elsewhere,
     .best = medium,
     .summary =
         "{resolver} has no address for {host}, and asked again it has one: its servers differ, or a negative "
         "answer was cached.",
     .fault = "found_on_repeat",
     .title = "name found on repeat only"},
    {.cause = private_dns_missing,
     .when = {name_missing, nodata_bare, other_resolver_knows},
     .unless = known_elsewhere,
     .best = medium,
     .summary =
         "{resolver} answers {host} without an address and without an SOA record; another DNS server has "
         "the address. A filter may remove it.",
     .fault = "maybe_filtered"},
    {.cause = private_dns_missing,
     .when = {name_missing, other_resolver_knows, name_from_private_zone},
     .unless = known_elsewhere,
     .best = high,
     .summary =
         "{resolver} answers {host} from a zone {dns_zone} without the record; another DNS server has the "
         "record. Two zones have this name.",
     .fault = "no_record"},
    {private_dns_missing,
     {name_missing, other_resolver_knows},
     with(known_elsewhere, {name_from_private_zone}),
     high,
     "{host} has no address at {resolver}; another DNS server has it. {resolver} does not use the private "
     "zone."},
    {wildcard_overridden,
     {name_missing, name_nodata, sibling_label_resolves},
     with(known_elsewhere, {other_resolver_knows}),
     high,
     "{host} exists without an address, but random names of the zone have one. An own record, or one of "
     "a name below it, hides the wildcard."},
    // A wildcard would answer for it (RFC 4592), so that this is no wildcard's zone alone.
    {private_dns_missing,
     {name_missing, sibling_label_resolves},
     with(known_elsewhere, {other_resolver_knows, name_nodata}),
     high,
     "{host} does not exist, but a random name of the zone resolves: only this record is missing."},
    {.cause = private_dns_missing,
     .when = {name_missing, sibling_label_nodata},
     .unless = lone_name,
     .best = high,
     .summary =
         "{host} and a random name of the zone exist without an address: a wildcard without an address "
         "answers for both.",
     .fault = "nodata"},
    {.cause = private_dns_missing,
     .when = {name_missing, name_nodata, srv_absent},
     .unless = with(lone_name, {sibling_label_nodata}),
     .best = high,
     .summary =
         "{host} exists without an address (NODATA) and is no SRV name: the address record is missing, the "
         "zone is there.",
     .fault = "nodata"},
    {.cause = private_dns_missing,
     .when = {name_missing, name_nodata},
     .unless = with(lone_name, {sibling_label_nodata, srv_absent}),
     .best = medium,
     .summary =
         "{host} exists without an address (NODATA): the address record is missing, the zone is there.",
     .fault = "nodata"},
    {.cause = private_dns_missing,
     .when = {name_missing, search_name_resolves},
     .unless = with(lone_name, {name_nodata, search_name_absent}),
     .best = medium,
     .summary =
         "{host} does not exist; programs on this host find it through the search list, under the name in "
         "the evidence.",
     .fault = "search_list"},
    {private_dns_missing,
     {name_missing, public_name_absent},
     lone_name,
     medium,
     "Neither {host} nor its public name exists: the name is wrong, or the service is gone."},
    {.cause = private_dns_missing,
     .when = {name_missing, name_from_private_zone},
     .unless = with(lone_name, {public_name_absent}),
     .best = high,
     .summary = "The private zone {dns_zone} answers here and has no record for {host}.",
     .fault = "no_record"},
    {.cause = private_dns_missing,
     .when = {name_missing, private_not_judged},
     .unless = lone_name,
     .best = high,
     .summary = "{host} does not exist for this host.",
     .fault = "no_such_name"},
    {private_dns_missing,
     {name_missing, other_resolver_missing},
     lone_name,
     high,
     "{host} has no address at {resolver} or at another DNS server: the record or its zone is missing."},
    {private_dns_missing,
     {name_missing, sibling_label_missing},
     lone_name,
     high,
     "Neither {host} nor a random name of the zone resolves: this host does not see the zone, or it "
     "lacks this record."},
    {private_dns_missing,
     {name_missing, public_name_resolves},
     lone_name,
     high,
     "{host} has no address here, but its public name exists: private DNS is missing."},
    {private_dns_missing,
     {name_missing},
     lone_name,
     high,
     "{host} has no address here: private DNS is missing."},
};

}  // namespace

std::span<const Row> name_rules() {
    return rows;
}

}  // namespace whylink::checks
