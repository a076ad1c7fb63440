// What else explains what the application says, or keeps to itself.
#include <array>

#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using F = Fact;
using enum Cause;

constexpr std::array other_explanations{
    Doubt{access_forbidden, {F::certificate_requested}, {}, client_certificate_required},
    // Without `expect` nothing says that DNS gave the endpoint's present address.
    Doubt{wrong_service, {F::app_other_protocol, F::address_unverified}, {}, wrong_dns_record},
    Doubt{wrong_service, {F::app_wants_tls, F::address_unverified}, {}, wrong_dns_record},
    Doubt{tls_incompatible, {F::app_without_tls, F::address_unverified}, {}, wrong_dns_record},
    // A path, a virtual host or a script that this server does not have; or one that has lost it.
    Doubt{wrong_service, {F::app_unexpected}, {}, service_failing},
    // A proxy that ends TLS closes when it has no backend; so does a server that takes the request for junk.
    Doubt{reset_mid_connection, {F::app_unanswered}, {F::closed_after_bytes}, service_failing},
    Doubt{reset_mid_connection, {F::app_unanswered}, {}, wrong_service},
    // Servers of TLS and of other protocols end the connection at a request that they do not understand.
    Doubt{not_on_allowlist, {F::app_stage}, {F::profile_allow_list, F::sibling_served}, wrong_service},
    // Or they wait for more of it.
    Doubt{backend_silent, {F::app_silent}, {}, wrong_service},
    Doubt{backend_silent, {F::app_silent}, {F::app_behind_tls}, proxy_protocol_mismatch},
};

}  // namespace

std::span<const Doubt> application_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
