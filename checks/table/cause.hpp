// What the whole picture says: the causes, and every text about them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/profiles.hpp"

namespace whylink::checks {

enum class Cause : std::uint8_t {
    healthy,
    private_dns_missing,
    private_dns_bypassed,
    wrong_dns_record,
    wildcard_missing,
    wildcard_overridden,
    resolvers_disagree,
    resolver_rewrites,
    resolver_unreachable,
    resolver_failing,
    syn_unanswered,
    one_address_failing,
    connection_refused,
    path_prohibited,
    local_firewall,
    no_route,
    not_on_allowlist,
    reset_mid_connection,
    reset_in_path,
    backend_silent,
    path_mtu_black_hole,
    proxy_protocol_mismatch,
    wrong_service,
    service_failing,
    certificate_problem,
    tls_incompatible,
    client_certificate_required,
    access_forbidden,
    no_inbound_traffic,
    local_network_down,
    local_limit,
    intermittent,
};

enum class Severity : std::uint8_t { ok, warning, critical };
enum class Confidence : std::uint8_t { low, medium, high };

/// A remedial step, and for whom it is meant.
struct Step {
    config::Provider provider;  ///< generic: for everyone
    /// May hold the placeholders of wording.hpp: {host}, {address}, {endpoint_id} and so on.
    std::string_view text;
};

/// How a step says for whom it is: "AWS: ", "Azure: ", "GCP: "; empty for a generic one.
std::string_view prefix(config::Provider provider);

struct CauseText {
    Cause cause;
    std::string_view slug;
    std::string_view title;       ///< a few words: "not on the service's allow-list"
    std::string_view meaning;     ///< what is wrong, for `explain`
    std::string_view told_apart;  ///< by what it is told from the causes that look alike
    std::span<const Step> steps;  ///< what to do, in order
};

/// In the order of the enumeration, one row each. `explain` and the remediation of a diagnosis both come from
/// here.
std::span<const CauseText> cause_texts();
const CauseText& text(Cause cause);
std::string_view slug(Cause cause);
std::string_view slug(Severity severity);
std::string_view slug(Confidence confidence);
std::optional<Cause> cause_from_slug(std::string_view slug);

struct Diagnosis {
    Cause cause = Cause::healthy;
    Severity severity = Severity::ok;
    Confidence confidence = Confidence::high;
    std::string summary;                   ///< one line
    std::vector<std::string> evidence;     ///< what was seen, with numbers
    std::vector<std::string> remediation;  ///< steps, in order
    std::vector<Cause> alternatives;       ///< what was seen does not rule these out
};

}  // namespace whylink::checks
