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
    // One that speaks HTTP/2 only may be the right one, of gRPC for example, or one that is not ready.
    {wrong_service, {app_http2}, {}, service_failing},
    // A path, a virtual host or a script that this server does not have; or one that has lost it.
    {wrong_service, {app_unexpected}, {}, service_failing},
    // A proxy that ends TLS closes when it has no backend; so does a server that takes the request for junk.
    {reset_mid_connection, {app_unanswered}, {closed_after_bytes}, service_failing},
    {reset_mid_connection, {app_unanswered}, {}, wrong_service},
    // What bans by earlier connections (fail2ban, a firewall's rate limit) drops, rejects or closes without a word.
    {syn_unanswered, {judged_by_history}, {}, access_forbidden},
    {path_prohibited, {judged_by_history}, {}, access_forbidden},
    {connection_refused, {judged_by_history}, {}, access_forbidden},
    {not_on_allowlist, {judged_by_history}, {profile_allow_list}, access_forbidden},
    // An HTTP server that ends TLS complains in plain text too when its first bytes are a PROXY header.
    {not_on_allowlist, {speaker_named}, {profile_allow_list}, wrong_service},
    {wrong_service, {speaker_named, tls_silent, address_unverified}, {}, wrong_dns_record},
    {wrong_service,
     {speaker_named, tls_silent, full_size_open},
     {plain_text_answered, small_segments_same},
     path_mtu_black_hole},
    // Servers of TLS and of other protocols end the connection at a request that they do not understand.
    {not_on_allowlist, {app_stage}, {profile_allow_list, sibling_served}, wrong_service},
    // Or they wait for more of it.
    {backend_silent, {app_silent}, {window_closed, repeat_answered}, wrong_service},
    {backend_silent, {app_silent}, {app_behind_tls, window_closed, repeat_answered}, proxy_protocol_mismatch},
};

}  // namespace

std::span<const Doubt> application_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
