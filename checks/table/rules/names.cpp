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
     "names that do not exist have an address at {resolver}, so no answer for {zone} proves anything"},
    {resolvers_disagree, {answers_differ}, {}, high, "the resolvers do not say the same about {host}"},
    {wildcard_missing,
     {random_none},
     {known_missing, answers_differ},
     high,
     "no random name of {zone} resolves: the wildcard record is missing"},
    {private_dns_missing,
     {random_none, known_missing, known_resolves},
     unsettled,
     high,
     "no random name of {zone} resolves, nor do all of the known ones"},
    {private_dns_missing,
     {random_none, known_missing},
     unsettled,
     high,
     "neither random nor known names of {zone} resolve: the zone is missing for this VM"},
    {wildcard_overridden,
     {zone, name_right, name_elsewhere},
     unsettled,
     high,
     "some names of {zone} go elsewhere ({answers})"},
    {wildcard_overridden,
     {zone, name_right, name_missing},
     {random_none, answers_differ},
     high,
     "some names of {zone} do not resolve although others do"},
    {wildcard_overridden,
     {zone, name_elsewhere, name_missing},
     {random_none, answers_differ},
     medium,
     "names of {zone} go elsewhere ({answers}) or nowhere"},
    {wildcard_overridden,
     {names_differ},
     {random_none, answers_differ, name_elsewhere, name_missing},
     medium,
     "names of {zone} have different addresses ({answers}), and no `expect` says which is right"},
    {private_dns_bypassed,
     {name_public, other_resolver_knows},
     of_the_zone,
     high,
     "{host} resolves to a public address ({answers}) at {resolver}, and another resolver has the private "
     "one: {resolver} does not get to the private zone"},
    {private_dns_bypassed,
     {name_public},
     with(of_the_zone, {other_resolver_knows}),
     high,
     "{host} resolves to a public address ({answers}): the private endpoint is bypassed"},
    {wrong_dns_record,
     {name_unexpected, other_address_answers},
     of_the_zone,
     high,
     "{host} resolves to {answers}, and the endpoint's address, which DNS does not give, answers"},
    {wrong_dns_record,
     {name_unexpected, other_address_silent},
     with(of_the_zone, {other_address_answers}),
     medium,
     "{host} resolves to {answers}, which `expect` does not have; what it has does not answer, so that "
     "the endpoint may have moved and `expect` be out of date"},
    {wrong_dns_record,
     {name_unexpected},
     of_the_zone,
     high,
     "{host} resolves to {answers}, which is not the endpoint's address"},
    {.cause = private_dns_missing,
     .when = {name_missing, other_resolver_knows, name_from_private_zone},
     .unless = known_elsewhere,
     .best = high,
     .summary =
         "{resolver} answers {host} from a zone {dns_zone} that has no record of it, and another resolver has the "
         "record: there are two zones of that name",
     .fault = "no_record"},
    {private_dns_missing,
     {name_missing, other_resolver_knows},
     with(known_elsewhere, {name_from_private_zone}),
     high,
     "{host} has no address at {resolver}, and another resolver knows it: {resolver} does not get to the "
     "private zone"},
    {wildcard_overridden,
     {name_missing, name_nodata, sibling_label_resolves},
     with(known_elsewhere, {other_resolver_knows}),
     high,
     "{host} exists without an address although a random name of its zone has one: a record of its own or of a name below it hides the wildcard"},
    // A wildcard would answer for it (RFC 4592), so that this is no wildcard's zone alone.
    {private_dns_missing,
     {name_missing, sibling_label_resolves},
     with(known_elsewhere, {other_resolver_knows, name_nodata}),
     high,
     "{host} does not exist although a random name of its zone has an address: the zone is there, and "
     "this name is missing in it"},
    {.cause = private_dns_missing,
     .when = {name_missing, sibling_label_nodata},
     .unless = lone_name,
     .best = high,
     .summary =
         "{host} has no address, nor has a random name of its zone, which exists as well: a wildcard without an "
         "address answers for both",
     .fault = "nodata"},
    {.cause = private_dns_missing,
     .when = {name_missing, name_nodata, srv_absent},
     .unless = with(lone_name, {sibling_label_nodata}),
     .best = high,
     .summary =
         "{host} exists and has no address (NODATA), nor is it an SRV name: its address record is missing, and not "
         "its zone",
     .fault = "nodata"},
    {.cause = private_dns_missing,
     .when = {name_missing, name_nodata},
     .unless = with(lone_name, {sibling_label_nodata, srv_absent}),
     .best = medium,
     .summary = "{host} exists and has no address (NODATA): its address record is missing, and not its zone",
     .fault = "nodata"},
    {.cause = private_dns_missing,
     .when = {name_missing, search_name_resolves},
     .unless = with(lone_name, {name_nodata, search_name_absent}),
     .best = medium,
     .summary =
         "{host} does not exist as it stands; programs on this host find it by the search list, under the name in "
         "the evidence",
     .fault = "search_list"},
    {private_dns_missing,
     {name_missing, public_name_absent},
     lone_name,
     medium,
     "{host} does not exist, nor does the public name that belongs to it: the name itself may be wrong, or its service gone"},
    {.cause = private_dns_missing,
     .when = {name_missing, name_from_private_zone},
     .unless = with(lone_name, {public_name_absent}),
     .best = high,
     .summary = "the private zone {dns_zone} answers here and has no record of {host}",
     .fault = "no_record"},
    {.cause = private_dns_missing,
     .when = {name_missing, private_not_judged},
     .unless = lone_name,
     .best = high,
     .summary = "{host} does not exist for this host",
     .fault = "no_such_name"},
    {private_dns_missing,
     {name_missing, other_resolver_missing},
     lone_name,
     high,
     "{host} has no address at {resolver}, nor at a resolver that is not configured: its record or its "
     "zone is missing"},
    {private_dns_missing,
     {name_missing, sibling_label_missing},
     lone_name,
     high,
     "{host} has no address, nor has a random name of its zone: the zone is missing for this VM, or it "
     "has neither this record nor a wildcard"},
    {private_dns_missing,
     {name_missing, public_name_resolves},
     lone_name,
     high,
     "{host} has no address for this VM, while its public name exists: private DNS is missing"},
    {private_dns_missing,
     {name_missing},
     lone_name,
     high,
     "{host} has no address for this VM: private DNS is missing"},
};

}  // namespace

std::span<const Row> name_rules() {
    return rows;
}

}  // namespace whylink::checks
