#include "checks/stages/tls/alerts.hpp"

#include <algorithm>
#include <array>

namespace whylink::checks {
namespace {

/// Alerts that only speak of a certificate; from the server that is the client's.
bool is_about_certificate(std::uint8_t description) {
    constexpr std::array<std::uint8_t, 8> alerts{41, 42, 43, 44, 45, 46, 48, alert_certificate_required};
    return std::ranges::find(alerts, description) != alerts.end();
}

const probes::TlsAlert* first_fatal(const std::vector<probes::TlsAlert>& alerts, bool sent_by_us) {
    const auto alert = std::ranges::find_if(alerts, [sent_by_us](const probes::TlsAlert& a) {
        return a.sent_by_us == sent_by_us && is_fatal(a);
    });
    return alert == alerts.end() ? nullptr : &*alert;
}

}  // namespace

bool is_fatal(const probes::TlsAlert& alert) {
    return alert.level == 2 && alert.description != alert_close_notify &&
           alert.description != alert_user_canceled;
}

const probes::TlsAlert* server_alert(const std::vector<probes::TlsAlert>& alerts) {
    return first_fatal(alerts, false);
}

const probes::TlsAlert* our_alert(const std::vector<probes::TlsAlert>& alerts) {
    return first_fatal(alerts, true);
}

Outcome outcome_of(const probes::TlsAlert& alert) {
    const bool mismatch =
        alert.description == alert_protocol_version || alert.description == alert_insufficient_security;
    return mismatch ? Outcome::tls_mismatch : Outcome::tls_alert;
}

bool said_goodbye(const std::vector<probes::TlsAlert>& alerts) {
    return std::ranges::any_of(alerts, [](const probes::TlsAlert& alert) {
        return !alert.sent_by_us && alert.description == alert_close_notify;
    });
}

FactSet facts_of_alert(const probes::TlsAlert* alert, bool certificate_requested) {
    FactSet facts;
    if (alert == nullptr) {
        return facts;
    }
    const bool on_certificate = alert->description == alert_certificate_required ||
                                (certificate_requested && is_about_certificate(alert->description));
    const bool unspecific =
        alert->description == alert_handshake_failure || alert->description == alert_access_denied;
    facts.insert_if(on_certificate, Fact::alert_on_client_certificate);
    facts.insert_if(certificate_requested && unspecific, Fact::alert_maybe_client_certificate);
    facts.insert_if(alert->description == alert_unrecognized_name, Fact::alert_on_name);
    facts.insert_if(alert->description == alert_internal_error, Fact::alert_internal);
    return facts;
}

}  // namespace whylink::checks
