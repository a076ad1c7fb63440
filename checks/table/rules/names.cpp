// What comes and goes, this host's network, and what DNS says.
#include <array>

#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using F = Fact;
using enum Cause;
using enum Confidence;

// A wildcard verdict needs resolvers that agree; a verdict on the addresses as a whole needs all of them to
// fail.
constexpr FactSet unsettled{F::answers_differ};

constexpr FactSet some_work{F::address_works};

// Of one name that has no address, as nothing else is to blame for.
constexpr FactSet lone_name{F::answers_differ, F::name_right, F::name_elsewhere, F::random_none,
                            F::sibling_label_resolves};

constexpr std::array rows{
    // ---- what comes and goes ----
    // First, for what a round shows by itself changes from round to round; it becomes an alternative. As sure
    // when the round passes as when it fails, so that a target which flaps is one finding and not a new one
    // each round. health.cpp adds to the summary how often it failed.
    Row{intermittent,
        {F::comes_and_goes, F::zone},
        {},
        medium,
        "names of {zone} are answered rightly in some rounds and not in others"},
    Row{intermittent,
        {F::comes_and_goes, F::watch},
        {},
        medium,
        "the traffic of {name} passes in some rounds and fails in others"},
    Row{intermittent,
        {F::comes_and_goes},
        {F::zone, F::watch},
        medium,
        "{host} port {port} works in some rounds and fails in others"},

    // ---- this host's network ----
    Row{local_network_down,
        {F::siblings_down, F::only_names_tried},
        {F::resolvers_without_route},
        medium,
        "no resolver replies to any target ({resolver}): this VM's own network is down, unless it is the "
        "resolvers alone"},
    Row{local_network_down,
        {F::siblings_down},
        {},
        high,
        "nothing is reachable and no resolver replies: this VM's own network is down"},
    Row{local_network_down,
        {F::resolvers_without_route},
        {F::address_works, F::sibling_reached},
        high,
        "this VM has no route to any resolver ({resolver}): its own network is down"},
    Row{local_firewall,
        {F::resolver_forbidden_here},
        {},
        high,
        "a rule of this VM forbids queries to {resolver}"},

    // ---- what DNS says ----
    Row{resolver_rewrites,
        {F::control_resolves},
        {},
        high,
        "names that do not exist have an address at {resolver}, so no answer for {zone} proves anything"},
    Row{resolvers_disagree, {F::answers_differ}, {}, high, "the resolvers do not say the same about {host}"},
    Row{wildcard_missing,
        {F::random_none},
        {F::known_missing, F::answers_differ},
        high,
        "no random name of {zone} resolves: the wildcard record is missing"},
    Row{private_dns_missing,
        {F::random_none, F::known_missing, F::known_resolves},
        unsettled,
        high,
        "no random name of {zone} resolves, nor do all of the known ones"},
    Row{private_dns_missing,
        {F::random_none, F::known_missing},
        unsettled,
        high,
        "neither random nor known names of {zone} resolve: the zone is missing for this VM"},
    Row{wildcard_overridden,
        {F::zone, F::name_right, F::name_elsewhere},
        unsettled,
        high,
        "some names of {zone} go elsewhere ({answers})"},
    Row{wildcard_overridden,
        {F::zone, F::name_right, F::name_missing},
        {F::random_none, F::answers_differ},
        high,
        "some names of {zone} do not resolve although others do"},
    Row{wildcard_overridden,
        {F::zone, F::name_elsewhere, F::name_missing},
        {F::random_none, F::answers_differ},
        medium,
        "names of {zone} go elsewhere ({answers}) or nowhere"},
    Row{wildcard_overridden,
        {F::names_differ},
        {F::random_none, F::answers_differ, F::name_elsewhere, F::name_missing},
        medium,
        "names of {zone} have different addresses ({answers}), and no `expect` says which is right"},
    Row{private_dns_bypassed,
        {F::name_public, F::other_resolver_knows},
        {F::answers_differ, F::name_right, F::name_missing},
        high,
        "{host} resolves to a public address ({answers}) at {resolver}, and another resolver has the private "
        "one: {resolver} does not get to the private zone"},
    Row{private_dns_bypassed,
        {F::name_public},
        {F::answers_differ, F::name_right, F::name_missing},
        high,
        "{host} resolves to a public address ({answers}): the private endpoint is bypassed"},
    Row{wrong_dns_record,
        {F::name_unexpected, F::other_address_answers},
        {F::answers_differ, F::name_right, F::name_missing},
        high,
        "{host} resolves to {answers}, and the endpoint's address, which DNS does not give, answers"},
    Row{wrong_dns_record,
        {F::name_unexpected, F::other_address_silent},
        {F::answers_differ, F::name_right, F::name_missing, F::other_address_answers},
        medium,
        "{host} resolves to {answers}, which `expect` does not have; what it has does not answer, so that "
        "the endpoint may have moved and `expect` be out of date"},
    Row{wrong_dns_record,
        {F::name_unexpected},
        {F::answers_differ, F::name_right, F::name_missing},
        high,
        "{host} resolves to {answers}, which is not the endpoint's address"},
    Row{private_dns_missing,
        {F::name_missing, F::other_resolver_knows},
        {F::answers_differ, F::name_right, F::name_elsewhere, F::random_none},
        high,
        "{host} has no address at {resolver}, and another resolver knows it: {resolver} does not get to the "
        "private zone"},
    Row{wildcard_overridden,
        {F::name_missing, F::name_nodata, F::sibling_label_resolves},
        {F::answers_differ, F::name_right, F::name_elsewhere, F::random_none, F::other_resolver_knows},
        high,
        "{host} exists without an address although a random name of its zone has one: a record of its own hides the wildcard"},
    // A wildcard would answer for it (RFC 4592), so that this is no wildcard's zone alone.
    Row{private_dns_missing,
        {F::name_missing, F::sibling_label_resolves},
        {F::answers_differ, F::name_right, F::name_elsewhere, F::random_none, F::other_resolver_knows,
         F::name_nodata},
        high,
        "{host} does not exist although a random name of its zone has an address: the zone is there, and "
        "this name is missing in it"},
    Row{private_dns_missing,
        {F::name_missing, F::public_name_absent},
        lone_name,
        medium,
        "{host} does not exist, nor does the public name that belongs to it: the name itself may be wrong, or its service gone"},
    Row{private_dns_missing,
        {F::name_missing, F::other_resolver_missing},
        lone_name,
        high,
        "{host} has no address at {resolver}, nor at a resolver that is not configured: its record or its "
        "zone is missing"},
    Row{private_dns_missing,
        {F::name_missing, F::sibling_label_missing},
        lone_name,
        high,
        "{host} has no address, nor has a random name of its zone: the zone is missing for this VM, or it "
        "has neither this record nor a wildcard"},
    Row{private_dns_missing,
        {F::name_missing, F::public_name_resolves},
        lone_name,
        high,
        "{host} has no address for this VM, while its public name exists: private DNS is missing"},
    Row{private_dns_missing,
        {F::name_missing},
        lone_name,
        high,
        "{host} has no address for this VM: private DNS is missing"},
    Row{resolver_unreachable,
        {F::resolver_without_reply, F::no_nameserver},
        {F::resolvers_without_route},
        high,
        "no reply from {resolver}; no nameserver is configured on this VM, so its own loopback is asked"},
    Row{resolver_unreachable,
        {F::resolver_without_reply},
        {F::resolvers_without_route},
        high,
        "no reply from {resolver}"},
    Row{resolver_unreachable,
        {F::resolvers_without_route, F::address_works},
        {},
        high,
        "this VM has no route to {resolver}"},
    Row{resolver_unreachable,
        {F::resolvers_without_route, F::sibling_reached},
        some_work,
        high,
        "this VM has no route to {resolver}"},
    Row{resolver_failing, {F::resolver_fails}, {}, high, "replies of {resolver} do not resolve {host}"},
    Row{wrong_dns_record,
        {F::public_name_private},
        {},
        high,
        "the public name {public_host} leads to a private address ({answers})"},
    Row{wrong_dns_record,
        {F::public_name_missing},
        {},
        medium,
        "the public name {public_host} does not exist for this VM"},
    Row{resolver_failing,
        {F::public_name_fails},
        {},
        high,
        "the public name {public_host} is not resolved by {resolver}"},
};

}  // namespace

std::span<const Row> name_rules() {
    return rows;
}

}  // namespace whylink::checks
