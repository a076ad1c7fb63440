// Which TLS alerts mean what to the judgement. RFC 8446 section 6.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::checks {

inline constexpr std::uint8_t alert_close_notify = 0;
inline constexpr std::uint8_t alert_handshake_failure = 40;
inline constexpr std::uint8_t alert_access_denied = 49;
inline constexpr std::uint8_t alert_protocol_version = 70;
inline constexpr std::uint8_t alert_insufficient_security = 71;
inline constexpr std::uint8_t alert_internal_error = 80;
inline constexpr std::uint8_t alert_user_canceled = 90;
inline constexpr std::uint8_t alert_unrecognized_name = 112;
inline constexpr std::uint8_t alert_certificate_required = 116;

inline bool is_fatal(const probes::TlsAlert& alert) {
    return alert.level == 2 && alert.description != alert_close_notify &&
           alert.description != alert_user_canceled;
}

/// The server's first fatal alert, or null.
inline const probes::TlsAlert* server_alert(const std::vector<probes::TlsAlert>& alerts) {
    const auto alert =
        std::ranges::find_if(alerts, [](const probes::TlsAlert& a) { return !a.sent_by_us && is_fatal(a); });
    return alert == alerts.end() ? nullptr : &*alert;
}

inline const probes::TlsAlert* server_alert(const probes::TlsFacts& facts) {
    return server_alert(facts.alerts);
}

/// Alerts that only speak of a certificate; from the server that is the client's.
inline bool is_about_certificate(std::uint8_t description) {
    constexpr std::array<std::uint8_t, 8> alerts{41, 42, 43, 44, 45, 46, 48, alert_certificate_required};
    return std::ranges::find(alerts, description) != alerts.end();
}

}  // namespace whylink::checks
