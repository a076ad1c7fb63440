// Which TLS alerts mean what to the judgement. RFC 8446 section 6.
#pragma once

#include <cstdint>
#include <vector>

#include "checks/table/facts.hpp"
#include "checks/table/outcome.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

inline constexpr std::uint8_t alert_close_notify = 0;
inline constexpr std::uint8_t alert_handshake_failure = 40;
inline constexpr std::uint8_t alert_access_denied = 49;
inline constexpr std::uint8_t alert_protocol_version = 70;
inline constexpr std::uint8_t alert_insufficient_security = 71;
inline constexpr std::uint8_t alert_internal_error = 80;
inline constexpr std::uint8_t alert_user_canceled = 90;
inline constexpr std::uint8_t alert_no_renegotiation = 100;
inline constexpr std::uint8_t alert_unrecognized_name = 112;
inline constexpr std::uint8_t alert_certificate_required = 116;

bool is_fatal(const probes::TlsAlert& alert);

/// The first fatal alert of the server, or null.
const probes::TlsAlert* server_alert(const std::vector<probes::TlsAlert>& alerts);
/// Likewise, of this side.
const probes::TlsAlert* our_alert(const std::vector<probes::TlsAlert>& alerts);
/// Of a fatal alert of the server: `tls_mismatch` or `tls_alert`.
Outcome outcome_of(const probes::TlsAlert& alert);
/// The server's close_notify: an orderly end, which in the midst of a handshake is none.
bool said_goodbye(const std::vector<probes::TlsAlert>& alerts);

/// `alert` is the server's, or null.
FactSet facts_of_alert(const probes::TlsAlert* alert, bool certificate_requested);

}  // namespace whylink::checks
