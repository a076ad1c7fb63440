// What else explains what the application says, or keeps to itself.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;

constexpr Doubt other_explanations[]{
    {access_forbidden, {certificate_requested}, {}, client_certificate_required},
    // Without `expect` nothing says that DNS gave the endpoint's present address.
    {wrong_service, {app_other_protocol, address_unverified}, {}, wrong_dns_record},
    {wrong_service, {app_wants_tls, address_unverified}, {}, wrong_dns_record},
    {tls_incompatible, {app_without_tls, address_unverified}, {}, wrong_dns_record},
    // A path, a virtual host or a script that this server does not have; or one that has lost it.
    {wrong_service, {app_unexpected}, {}, service_failing},
    // A proxy that ends TLS closes when it has no backend; so does a server that takes the request for junk.
    {reset_mid_connection, {app_unanswered}, {closed_after_bytes}, service_failing},
    {reset_mid_connection, {app_unanswered}, {}, wrong_service},
    // Servers of TLS and of other protocols end the connection at a request that they do not understand.
    {not_on_allowlist, {app_stage}, {profile_allow_list, sibling_served}, wrong_service},
    // Or they wait for more of it.
    {backend_silent, {app_silent}, {}, wrong_service},
    {backend_silent, {app_silent}, {app_behind_tls}, proxy_protocol_mismatch},
};

}  // namespace

std::span<const Doubt> application_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
