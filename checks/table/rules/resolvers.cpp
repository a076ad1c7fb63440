// What the resolvers do, and what they say of the public name.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr FactSet answered_otherwise{resolvers_without_route, no_nameserver, reply_from_elsewhere,
                                     tcp_query_answered};

constexpr FactSet with(FactSet facts, FactSet more) {
    facts.insert_all(more);
    return facts;
}

constexpr Row rows[]{
    {resolver_unreachable,
     {resolver_without_reply, no_nameserver},
     {resolvers_without_route},
     high,
     "No reply from {resolver}: this host has no nameserver configured, so programs query its loopback."},
    // An address of this host itself: no rule, route or security group between has a part in it.
    {.cause = resolver_unreachable,
     .when = {resolver_without_reply, resolver_of_systemd},
     .unless = answered_otherwise,
     .best = high,
     .summary =
         "No reply from {resolver}, the stub of systemd-resolved. It does not run here, or this is another "
         "network namespace (a container).",
     .fault = "systemd_stub"},
    {.cause = resolver_unreachable,
     .when = {resolver_without_reply, resolver_of_docker},
     .unless = with(answered_otherwise, {resolver_of_systemd}),
     .best = high,
     .summary =
         "No reply from {resolver}, Docker's DNS server: it exists only in containers on a user-defined "
         "network.",
     .fault = "docker_resolver"},
    {.cause = resolver_unreachable,
     .when = {resolver_without_reply, resolver_on_loopback},
     .unless = with(answered_otherwise, {resolver_of_systemd, resolver_of_docker}),
     .best = high,
     .summary = "No reply from {resolver}, an address of this host: no DNS server runs there.",
     .fault = "loopback_resolver"},
    {.cause = resolver_unreachable,
     .when = {resolver_without_reply, reply_from_elsewhere},
     .unless = {resolvers_without_route},
     .best = high,
     .summary = "{resolver} replies from another address than the one queried: programs drop its replies.",
     .fault = "reply_from_elsewhere"},
    {.cause = resolver_unreachable,
     .when = {resolver_without_reply, tcp_query_answered},
     .unless = {resolvers_without_route, reply_from_elsewhere},
     .best = high,
     .summary = "{resolver} answers over TCP only: UDP queries or their replies are dropped.",
     .fault = "udp_dropped"},
    {resolver_unreachable,
     {resolver_without_reply, tcp_query_same},
     {resolvers_without_route, tcp_query_answered, reply_from_elsewhere, no_nameserver},
     high,
     "No reply from {resolver} over UDP or TCP."},
    {resolver_unreachable,
     {resolver_without_reply},
     {resolvers_without_route, tcp_query_answered, tcp_query_same, reply_from_elsewhere},
     high,
     "No reply from {resolver}."},
    {resolver_unreachable,
     {resolvers_without_route, address_works},
     {},
     high,
     "This host has no route to {resolver}."},
    {resolver_unreachable,
     {resolvers_without_route, sibling_reached},
     some_work,
     high,
     "This host has no route to {resolver}."},
    {.cause = resolver_failing,
     .when = {resolver_fails, repeat_query_answered},
     .unless = {dnssec_failure},
     .best = medium,
     .summary =
         "{resolver} fails for {host} and answers when asked again: the failure was brief, or one of its "
         "upstream servers fails.",
     .fault = "failed_once",
     .title = "DNS server fails sometimes"},
    {.cause = resolver_failing,
     .when = {resolver_fails, unchecked_answered, dnssec_failure},
     .unless = {},
     .best = high,
     .summary = "{resolver} has the answer for {host} but rejects it: DNSSEC validation fails.",
     .fault = "dnssec"},
    // The query with checking disabled is also the second one, and a server that fails now and then answers that.
    {.cause = resolver_failing,
     .when = {resolver_fails, unchecked_answered},
     .unless = {dnssec_failure},
     .best = high,
     .summary =
         "{resolver} fails for {host} and answers with checking disabled: its DNSSEC validation likely fails.",
     .fault = "dnssec"},
    {.cause = resolver_failing,
     .when = {resolver_fails, dnssec_failure},
     .unless = {unchecked_answered},
     .best = high,
     .summary = "DNSSEC validation of {host} fails at {resolver}: {dns_error}.",
     .fault = "dnssec"},
    {.cause = resolver_failing,
     .when = {resolver_fails, delegation_failure},
     .unless = {unchecked_answered, dnssec_failure},
     .best = high,
     .summary = "{resolver} gets no answer from the name servers of {host}: {dns_error}.",
     .fault = "lame"},
    {.cause = resolver_failing,
     .when = {resolver_fails, recursion_refused},
     .unless = {},
     .best = high,
     .summary =
         "{resolver} answers {host} with a referral: it serves only its own zones and does not recurse.",
     .fault = "referral"},
    {.cause = resolver_failing,
     .when = {resolver_fails, answer_filtered},
     .unless = {unchecked_answered, dnssec_failure, delegation_failure},
     .best = high,
     .summary = "A policy of {resolver} refuses {host}: {dns_error}.",
     .fault = "filtered"},
    {resolver_failing,
     {resolver_fails, unchecked_same},
     {unchecked_answered, dnssec_failure, delegation_failure, recursion_refused, answer_filtered},
     high,
     "{resolver} replies but does not resolve {host}, with or without DNSSEC validation."},
    {resolver_failing,
     {resolver_fails},
     {unchecked_answered, unchecked_same, dnssec_failure, delegation_failure, recursion_refused,
      answer_filtered},
     high,
     "{resolver} replies but does not resolve {host}."},
    {.cause = private_zone_shadows,
     .when = {public_name_missing, public_from_private_zone},
     .unless = {},
     .best = high,
     .summary =
         "The private zone {dns_zone} answers for the public name {public_host} and has no record: it hides "
         "the public record."},
    {wrong_dns_record,
     {public_name_private},
     {},
     high,
     "DNS gives the public name {public_host} a private address ({answers})."},
    {wrong_dns_record,
     {public_name_missing},
     {public_from_private_zone},
     medium,
     "For this host, the public name {public_host} does not exist."},
    {resolver_failing,
     {public_name_fails},
     {},
     high,
     "{resolver} does not resolve the public name {public_host}."},
};

}  // namespace

std::span<const Row> resolver_rules() {
    return rows;
}

}  // namespace whylink::checks
