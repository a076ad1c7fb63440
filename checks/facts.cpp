#include "checks/facts.hpp"

#include <array>

namespace whylink::checks {
namespace {

constexpr std::array<std::string_view, fact_count> names{
    "healthy",
    "nothing_probed",
    "zone",
    "address_unverified",
    "profile_allow_list",
    "proxy_header_configured",
    "local_error",
    "resolver_answers",
    "resolver_without_reply",
    "resolver_timed_out",
    "no_nameserver",
    "resolver_fails",
    "resolvers_without_route",
    "resolver_forbidden_here",
    "answers_differ",
    "name_right",
    "name_public",
    "name_unexpected",
    "name_special",
    "name_elsewhere",
    "name_missing",
    "name_nodata",
    "name_half_missing",
    "public_name_private",
    "public_name_missing",
    "public_name_fails",
    "control_resolves",
    "random_none",
    "names_differ",
    "known_missing",
    "known_resolves",
    "address_works",
    "address_fails",
    "tcp_timeout",
    "tcp_refused",
    "tcp_refused_at_once",
    "tcp_unreachable",
    "tcp_no_route",
    "tcp_prohibited",
    "tcp_forbidden_here",
    "accepted_then_reset",
    "accepted_then_closed",
    "tls_stage",
    "tls_silent",
    "tls_stalled",
    "reset_after_bytes",
    "closed_after_bytes",
    "certificate_requested",
    "certificate_left_open",
    "not_tls",
    "plain_http",
    "proxy_header_received",
    "tls_mismatch",
    "tls_alert",
    "tls_broken",
    "alert_on_client_certificate",
    "alert_maybe_client_certificate",
    "alert_on_name",
    "alert_internal",
    "certificate_of_other_name",
    "certificate_of_no_address",
    "certificate_faulty",
    "certificate_expiring",
    "plain_text_service",
    "sibling_served",
    "sibling_reached",
    "siblings_down",
    "only_names_tried",
    "comes_and_goes",
};

}  // namespace

std::string_view name(Fact fact) {
    return names.at(static_cast<std::size_t>(fact));
}

}  // namespace whylink::checks
