#include <algorithm>
#include <array>

#include "checks/explain/text.hpp"
#include "checks/stages/classify_stage.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/stages/tls_alerts.hpp"

namespace whylink::checks {
namespace {

using probes::Certificate;
using probes::StreamEnd;
using probes::TlsAlert;
using probes::TlsFacts;
using probes::TlsProgress;

std::string progress_text(TlsProgress progress) {
    switch (progress) {
        case TlsProgress::not_started:
            return "before the ClientHello";
        case TlsProgress::client_hello_sent:
            return "after the ClientHello";
        case TlsProgress::server_hello:
            return "after the ServerHello";
        case TlsProgress::certificate:
            return "after the server's certificate";
        case TlsProgress::complete:
            return "after the handshake";
    }
    return {};
}

/// ", 335 bytes sent, 0 received, ECONNRESET (104)"
std::string numbers_text(const TlsFacts& facts) {
    std::string text = ", " + count_text(facts.bytes_sent, "byte") + " sent, " +
                       std::to_string(facts.bytes_received) + " received";
    return facts.error == 0 ? text : text + ", " + errno_text(facts.error);
}

/// Alerts of the server that end nothing, but may tell why what followed did.
std::string warnings_text(const TlsFacts& facts) {
    std::string text;
    for (const TlsAlert& alert : facts.alerts) {
        if (!alert.sent_by_us && !is_fatal(alert) && alert.description != alert_close_notify) {
            text += ", with the warning alert " + alert_text(alert.description) + " before";
        }
    }
    return text;
}

std::string ended_text(const TlsFacts& facts, std::string_view how, probes::Nanoseconds took) {
    return std::string(how) + " " + progress_text(facts.progress) + ", " + duration_text(took) +
           " into the stage" + warnings_text(facts) + numbers_text(facts);
}

/// `how` is a literal.
Detail ended(const TlsFacts& facts, const char* how, probes::Nanoseconds took) {
    return [=, &facts] { return ended_text(facts, how, took); };
}

bool was_reset(const TlsFacts& facts) {
    return facts.end == StreamEnd::rst ||
           (facts.end == StreamEnd::none && errno_outcome(facts.error) == Outcome::reset_by_peer);
}

// ---- before the server's first byte ----

Classification nothing_received(const TlsFacts& facts, probes::Nanoseconds took) {
    if (was_reset(facts)) {
        return said(Outcome::pending_allowlist, ended(facts, "accepted, then RST", took));
    }
    if (facts.end == StreamEnd::fin) {
        return said(Outcome::pending_allowlist, ended(facts, "accepted, then FIN", took));
    }
    if (facts.error != 0) {
        return said_or_local(errno_outcome(facts.error), ended(facts, "the connection failed", took));
    }
    if (facts.timed_out || facts.library_error.empty()) {
        return said(Outcome::timeout, ended(facts, "accepted, then silence", took));
    }
    return local_fault([&facts] { return "the handshake could not be started: " + facts.library_error; });
}

// ---- not TLS ----

std::string plain_text_detail(const TlsFacts& facts) {
    const std::string_view guess = looks_like(facts.first_bytes);
    std::string detail = "not TLS, the first bytes are " + bytes_text(facts.first_bytes);
    if (!guess.empty()) {
        detail += ", which looks like ";
        detail += guess;
    }
    return detail;
}

Classification plain_text(const TlsFacts& facts, const Expectation& expectation) {
    const bool only_tried =
        expectation.tls == config::TlsMode::attempt && !is_proxy_header(facts.first_bytes);
    Classification result = said(Outcome::not_tls, [=, &facts] {
        return plain_text_detail(facts) + (only_tried ? "; TLS was only tried, so this is no fault" : "");
    });
    result.counts = !only_tried;
    return result;
}

// ---- refused ----

std::string refused_by_us_text(const TlsFacts& facts) {
    return "this side refused what the server chose" + (facts.version.empty() ? "" : ", " + facts.version) +
           (facts.library_error.empty() ? "" : ": " + facts.library_error);
}

std::string alerted_text(const TlsFacts& facts, const TlsAlert& alert) {
    std::string detail =
        "the server sent the alert " + alert_text(alert.description) + " " + progress_text(facts.progress);
    if (facts.client_certificate_requested) {
        detail += facts.client_certificate_sent ? ", it had asked for a client certificate and got one"
                                                : ", it had asked for a client certificate and got none";
    }
    return detail;
}

std::optional<Classification> refused(const TlsFacts& facts) {
    if (facts.refused_by_us) {
        return said(Outcome::tls_mismatch, [&facts] { return refused_by_us_text(facts); });
    }
    const TlsAlert* alert = server_alert(facts);
    if (alert == nullptr) {
        return std::nullopt;
    }
    const bool mismatch =
        alert->description == alert_protocol_version || alert->description == alert_insufficient_security;
    return said(mismatch ? Outcome::tls_mismatch : Outcome::tls_alert,
                [&facts, alert] { return alerted_text(facts, *alert); });
}

std::string unreadable_text(const TlsFacts& facts, const std::string& why) {
    if (facts.oversized) {
        return "the server sends or announces a larger handshake than this side takes: " + why +
               numbers_text(facts);
    }
    if (facts.progress >= TlsProgress::server_hello) {
        return "TLS began, but what the server sent " + progress_text(facts.progress) +
               " is no valid TLS: " + why + numbers_text(facts);
    }
    return "what the server sent is no valid TLS: " + why;
}

/// The server's data could not be read. Who has sent a ServerHello speaks TLS, whatever comes after it.
Classification unreadable(const TlsFacts& facts, Detail why) {
    const bool is_tls = facts.oversized || facts.progress >= TlsProgress::server_hello;
    return said(is_tls ? Outcome::unexpected_reply : Outcome::not_tls,
                [&facts, why = std::move(why)] { return unreadable_text(facts, why.text()); });
}

/// Alerts of this side that are about what the server chose. The record layer uses protocol_version too, for
/// records whose header is none; a version that was chosen is refused at the ServerHello.
bool is_about_the_choice(std::uint8_t description, TlsProgress progress) {
    constexpr std::array<std::uint8_t, 4> alerts{40, 47, alert_insufficient_security, 110};
    return std::ranges::find(alerts, description) != alerts.end() ||
           (description == alert_protocol_version && progress < TlsProgress::server_hello);
}

/// This side broke off. What it could not accept tells whether the server's choice or its data was wrong; in
/// neither case did the peer end the connection.
std::optional<Classification> refused_by_our_alert(const TlsFacts& facts) {
    const auto ours = std::ranges::find_if(
        facts.alerts, [](const TlsAlert& alert) { return alert.sent_by_us && is_fatal(alert); });
    if (ours == facts.alerts.end()) {
        return std::nullopt;
    }
    const auto detail = [&facts, description = ours->description] {
        return "this side ended it with the alert " + alert_text(description) +
               (facts.library_error.empty() ? "" : ": " + facts.library_error);
    };
    const bool mismatch = !facts.oversized && facts.progress != TlsProgress::complete &&
                          is_about_the_choice(ours->description, facts.progress);
    return mismatch ? said(Outcome::tls_mismatch, detail) : unreadable(facts, detail);
}

// ---- broken off ----

/// close_notify of the server: an orderly end, which in the midst of a handshake is none.
bool said_goodbye(const TlsFacts& facts) {
    return std::ranges::any_of(facts.alerts, [](const TlsAlert& alert) {
        return !alert.sent_by_us && alert.description == alert_close_notify;
    });
}

Classification broken_off(const TlsFacts& facts, probes::Nanoseconds took) {
    if (was_reset(facts)) {
        return said(Outcome::reset_by_peer, ended(facts, "RST", took));
    }
    if (facts.end == StreamEnd::fin) {
        return said(Outcome::closed_by_peer, ended(facts, "FIN", took));
    }
    if (facts.progress != TlsProgress::complete && !facts.timed_out && said_goodbye(facts)) {
        return said(Outcome::closed_by_peer, ended(facts, "the alert close_notify", took));
    }
    if (facts.error != 0) {
        return said_or_local(errno_outcome(facts.error), ended(facts, "the connection failed", took));
    }
    if (facts.timed_out || facts.library_error.empty()) {
        return said(Outcome::timeout, ended(facts, "the server fell silent", took));
    }
    return unreadable(facts, [&facts] { return facts.library_error; });
}

// ---- the certificate ----

// x509_vfy.h of OpenSSL 3; this layer does not include it.
constexpr int v_err_not_yet_valid = 9;
constexpr int v_err_expired = 10;
constexpr int v_err_hostname_mismatch = 62;
constexpr int v_err_email_mismatch = 63;
constexpr int v_err_ip_address_mismatch = 64;

Outcome fault_outcome(int code) {
    switch (code) {
        case v_err_hostname_mismatch:
        case v_err_email_mismatch:
        case v_err_ip_address_mismatch:
            return Outcome::certificate_name_mismatch;
        case v_err_expired:
            return Outcome::certificate_expired;
        case v_err_not_yet_valid:
            return Outcome::certificate_not_yet_valid;
        default:
            return Outcome::certificate_untrusted;
    }
}

bool has_fault(const TlsFacts& facts, Outcome outcome) {
    return std::ranges::any_of(facts.verify_faults, [outcome](const probes::VerifyFault& fault) {
        return fault_outcome(fault.code) == outcome;
    });
}

/// In the order in which they become the outcome. The dates of the server's own certificate are judged by
/// `now` too; the others of the chain only as verification did, for servers send expired cross-signed roots
/// that no path uses.
std::vector<Outcome> certificate_faults(const TlsFacts& facts, probes::WallClock::time_point now) {
    using enum Outcome;
    const bool expired = !facts.chain.empty() && facts.chain.front().not_after < now;
    const bool early = !facts.chain.empty() && facts.chain.front().not_before > now;
    std::vector<Outcome> faults;
    for (const Outcome fault :
         {certificate_name_mismatch, certificate_untrusted, certificate_expired, certificate_not_yet_valid}) {
        if (has_fault(facts, fault) || (fault == certificate_expired && expired) ||
            (fault == certificate_not_yet_valid && early)) {
            faults.push_back(fault);
        }
    }
    return faults;
}

std::string names_text(const Certificate& certificate) {
    constexpr std::size_t most = 5;
    std::vector<std::string> names = certificate.dns_names;
    for (const IpAddress& address : certificate.addresses) {
        names.push_back(address.to_string());
    }
    if (names.empty()) {
        return certificate.subject;
    }
    if (names.size() > most) {
        const std::size_t more = names.size() - most;
        names.resize(most);
        names.push_back(std::to_string(more) + " more");
    }
    return join(names);
}

std::string untrusted_text(const TlsFacts& facts) {
    for (const probes::VerifyFault& fault : facts.verify_faults) {
        if (fault_outcome(fault.code) == Outcome::certificate_untrusted) {
            const std::string issuer = facts.chain.empty() ? "" : ", issuer " + facts.chain.front().issuer;
            return fault.text + " (verification error " + std::to_string(fault.code) + " at depth " +
                   std::to_string(fault.depth) + issuer + ")";
        }
    }
    return "not trusted";
}

/// The certificate that a date fault is about: the one at the fault's depth, or the server's own.
const Certificate* dated(const TlsFacts& facts, Outcome outcome) {
    for (const probes::VerifyFault& fault : facts.verify_faults) {
        const auto depth = static_cast<std::size_t>(std::max(fault.depth, 0));
        if (fault_outcome(fault.code) == outcome && depth < facts.chain.size()) {
            return &facts.chain[depth];
        }
    }
    return facts.chain.empty() ? nullptr : &facts.chain.front();
}

std::string fault_text(const TlsFacts& facts, Outcome fault, probes::WallClock::time_point now) {
    const Certificate* certificate = dated(facts, fault);
    const std::string whose = certificate == nullptr ? "a certificate" : certificate->subject;
    const std::string clock = " (this VM's clock: " + time_text(now) + ")";
    switch (fault) {
        case Outcome::certificate_name_mismatch:
            return "the certificate is for " +
                   (facts.chain.empty() ? "another name" : names_text(facts.chain.front())) + ", not for " +
                   (facts.server_name.empty() ? "the address itself" : facts.server_name);
        case Outcome::certificate_expired:
            return whose + " expired" + (certificate ? " on " + time_text(certificate->not_after) : "") +
                   clock;
        case Outcome::certificate_not_yet_valid:
            return whose + " is not valid before" +
                   (certificate ? " " + time_text(certificate->not_before) : " a later date") + clock;
        default:
            return untrusted_text(facts);
    }
}

const Certificate* first_to_expire(const TlsFacts& facts, const Expectation& expectation) {
    const Certificate* first = nullptr;
    for (const Certificate& certificate : facts.chain) {
        const bool inside = certificate.not_after >= expectation.now &&
                            certificate.not_after - expectation.now < expectation.expiry_warning;
        if (inside && (first == nullptr || certificate.not_after < first->not_after)) {
            first = &certificate;
        }
    }
    return first;
}

std::string faults_text(const TlsFacts& facts, const Expectation& expectation) {
    std::vector<std::string> parts;
    for (const Outcome fault : certificate_faults(facts, expectation.now)) {
        parts.push_back(fault_text(facts, fault, expectation.now));
    }
    return join(parts, "; ") + (facts.verified ? "" : "; not verified, as configured");
}

std::string expiring_text(const Certificate& certificate, const Expectation& expectation) {
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(certificate.not_after - expectation.now);
    return certificate.subject + " expires in " + span_text(left) + ", on " +
           time_text(certificate.not_after);
}

Classification judge_certificate(const TlsFacts& facts, const Expectation& expectation) {
    Classification result;
    result.faults = certificate_faults(facts, expectation.now);
    if (!result.faults.empty()) {
        result.outcome = facts.verified ? result.faults.front() : Outcome::ok;
        result.detail = [&] { return faults_text(facts, expectation); };
        return result;
    }
    const Certificate* certificate = first_to_expire(facts, expectation);
    if (certificate != nullptr && facts.verified) {
        result = said(Outcome::certificate_expiring,
                      [certificate, &expectation] { return expiring_text(*certificate, expectation); });
    }
    return result;
}

/// A server that wanted a client certificate and closes without a word has refused; any other FIN after the
/// handshake is a server with nothing to say to a client that says nothing.
bool refused_without_alert(const TlsFacts& facts) {
    return facts.end == StreamEnd::fin && facts.client_certificate_requested &&
           !facts.client_certificate_sent && !facts.message_after_handshake;
}

}  // namespace

bool leaves_client_certificate_open(const TlsFacts& facts) {
    return facts.progress == TlsProgress::complete && facts.version == "TLSv1.3" &&
           facts.client_certificate_requested && !facts.client_certificate_sent &&
           !facts.message_after_handshake;
}

Classification classify_tls(const TlsFacts& facts, probes::Nanoseconds took, const Expectation& expectation) {
    if (facts.bytes_received == 0) {
        return nothing_received(facts, took);
    }
    if (!facts.first_bytes_are_tls) {
        return plain_text(facts, expectation);
    }
    if (std::optional<Classification> result = refused(facts)) {
        return *result;
    }
    if (facts.progress != TlsProgress::complete) {
        const std::optional<Classification> result = refused_by_our_alert(facts);
        return result ? *result : broken_off(facts, took);
    }
    const bool failed = facts.end == StreamEnd::none && facts.error != 0 && errno_outcome(facts.error);
    if (was_reset(facts) || failed || refused_without_alert(facts)) {
        return broken_off(facts, took + facts.watched);
    }
    if (std::optional<Classification> result = refused_by_our_alert(facts)) {
        return *result;
    }
    return judge_certificate(facts, expectation);
}

}  // namespace whylink::checks
