// Certificates: the right server under another name, and certificates of this host.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr Row rows[]{
    {wrong_server_name,
     {certificate_of_other_name, linked_name_answered},
     some_work,
     high,
     "The server at {address} has a certificate for {server_name}, not for {asked_name}: clients must "
     "use that name."},
    {wrong_server_name,
     {alert_on_name, linked_name_answered},
     some_work,
     high,
     "The server at {address} refuses the name {asked_name} and completes TLS for {server_name}."},
    {wrong_server_name,
     {alert_on_name, alias_name_answered},
     {address_works, linked_name_answered},
     high,
     "The server at {address} refuses the name {asked_name} and completes TLS for {server_name}."},
    // Envoy and others end a connection for a name that they do not serve without an alert.
    {wrong_server_name,
     {linked_name_answered, accepted_then_reset},
     some_work,
     medium,
     "{address} resets connections for the name {asked_name} and completes TLS for {server_name}."},
    {wrong_server_name,
     {linked_name_answered, accepted_then_closed},
     {address_works, accepted_then_reset},
     medium,
     "{address} closes connections for the name {asked_name} and completes TLS for {server_name}."},
    {wrong_server_name,
     {certificate_of_other_name, certificate_of_linked_name},
     {address_works, linked_name_answered},
     high,
     "The certificate at {address} is for {server_name}, not for {asked_name}: the right server under "
     "another name."},
    {wrong_server_name,
     {certificate_of_other_name, wildcard_too_deep},
     {address_works, certificate_of_linked_name, linked_name_answered},
     medium,
     "The wildcard certificate at {address} does not cover {asked_name}, because `*` matches one label "
     "only: {detail}."},
    {wrong_server_name,
     {certificate_of_other_name, default_certificate},
     {address_works, certificate_of_linked_name, linked_name_answered, wildcard_too_deep},
     medium,
     "The server at {address} does not know the name {asked_name} and sends its default certificate: "
     "{detail}.",
     false,
     "default_certificate"},
    {wrong_server_name,
     {certificate_of_other_name, endpoint_name_asked},
     {address_works, certificate_of_linked_name, linked_name_answered, wildcard_too_deep,
      default_certificate},
     medium,
     "{asked_name} is the technical name of the endpoint, for which no service has a certificate: "
     "{detail}."},
    {certificate_problem,
     {certificate_faulty, trust_anchor_faulty},
     some_work,
     high,
     "A certificate of this host that the server's chain needs is not valid: {detail}."},
};

constexpr Doubt other_explanations[]{
    // Whoever inspects TLS on the way makes certificates for the name that is asked for; a default one has any name.
    {wrong_server_name, {certificate_also_faulty}, {}, certificate_problem},
    // A CNAME that leads to another server has the same picture as an alias.
    {wrong_server_name, {certificate_of_cname, address_unverified}, {}, wrong_dns_record},
    {wrong_server_name, {alert_on_name, alias_name_answered, address_unverified}, {}, wrong_dns_record},
    // A device that resets by the name in the ClientHello lets another name pass, too.
    {wrong_server_name, {linked_name_answered, accepted_then_reset}, {}, filtered_in_path},
    {wrong_server_name, {linked_name_answered, accepted_then_closed}, {}, filtered_in_path},
    // An A record of one's own leads to the right server, which has no certificate for that name.
    {wrong_service, {certificate_of_other_name, host_may_be_alias}, {}, wrong_server_name},
    // Nobody asked by the endpoint's other name: a default certificate, an alert or an end is all that many servers
    // have for a name that they do not know.
    {wrong_service, {certificate_of_other_name, has_linked_name}, {linked_name_same}, wrong_server_name},
    {not_on_allowlist,
     {accepted_then_reset, tls_stage, has_linked_name},
     {profile_allow_list, linked_name_same},
     wrong_server_name},
    {not_on_allowlist,
     {accepted_then_closed, tls_stage, has_linked_name},
     {profile_allow_list, linked_name_same},
     wrong_server_name},
    {tls_incompatible, {alert_on_name}, {}, wrong_server_name},
    {tls_incompatible, {alert_without_name}, {alert_on_name}, wrong_server_name},
    {wrong_service, {alert_on_name, no_name_answered}, {}, wrong_server_name},
    // Of an address no name says which server should be there.
    {wrong_server_name, {certificate_of_no_address}, {}, wrong_service},
};

}  // namespace

std::span<const Row> certificate_rules() {
    return rows;
}

std::span<const Doubt> certificate_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
