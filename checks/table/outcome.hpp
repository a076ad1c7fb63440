// What one probe saw, in one word. What is said of each is in checks/texts/outcomes.toml.
#pragma once

#include <cstdint>

#include "config/vocabulary.hpp"

namespace whylink::checks {

enum class Outcome : std::uint8_t {
    ok,
    timeout,
    refused,
    unreachable,
    prohibited,
    pending_allowlist,
    reset_by_peer,
    closed_by_peer,
    nxdomain,
    nodata,
    servfail,
    query_refused,
    bad_response,
    public_address,
    unexpected_address,
    tls_mismatch,
    tls_alert,
    not_tls,
    certificate_name_mismatch,
    certificate_untrusted,
    certificate_expired,
    certificate_not_yet_valid,
    certificate_expiring,
    unexpected_reply,
    forbidden,
    not_listening,
    local_error,
};

consteval auto vocabulary(Outcome) {
    using enum Outcome;
    return terms<Outcome>({
        {ok, "ok"},
        {timeout, "timeout"},
        {refused, "refused"},
        {unreachable, "unreachable"},
        {prohibited, "prohibited"},
        {pending_allowlist, "pending_allowlist"},
        {reset_by_peer, "reset_by_peer"},
        {closed_by_peer, "closed_by_peer"},
        {nxdomain, "nxdomain"},
        {nodata, "nodata"},
        {servfail, "servfail"},
        {query_refused, "query_refused"},
        {bad_response, "bad_response"},
        {public_address, "public_address"},
        {unexpected_address, "unexpected_address"},
        {tls_mismatch, "tls_mismatch"},
        {tls_alert, "tls_alert"},
        {not_tls, "not_tls"},
        {certificate_name_mismatch, "certificate_name_mismatch"},
        {certificate_untrusted, "certificate_untrusted"},
        {certificate_expired, "certificate_expired"},
        {certificate_not_yet_valid, "certificate_not_yet_valid"},
        {certificate_expiring, "certificate_expiring"},
        {unexpected_reply, "unexpected_reply"},
        {forbidden, "forbidden"},
        {not_listening, "not_listening"},
        {local_error, "local_error"},
    });
}

constexpr bool passes(Outcome outcome) {
    return outcome == Outcome::ok || outcome == Outcome::certificate_expiring;
}

}  // namespace whylink::checks
