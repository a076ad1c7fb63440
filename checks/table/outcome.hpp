// What one probe saw, in one word.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

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

struct OutcomeText {
    Outcome outcome;
    std::string_view slug;
    std::string_view meaning;     ///< what was seen when this is said
    std::string_view told_apart;  ///< by what it is told from its neighbours
};

/// In the order of the enumeration, one row each.
std::span<const OutcomeText> outcome_texts();
std::string_view slug(Outcome outcome);
std::optional<Outcome> outcome_from_slug(std::string_view slug);
/// `ok` and `certificate_expiring`.
bool passes(Outcome outcome);

}  // namespace whylink::checks
