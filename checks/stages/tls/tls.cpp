#include "checks/stages/tls/tls.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "checks/explain/text.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/stages/packets/delivery.hpp"
#include "checks/stages/tls/alerts.hpp"
#include "checks/stages/tls/certificate.hpp"
#include "checks/stages/tls/path.hpp"
#include "checks/stages/tls/refused_elsewhere.hpp"
#include "checks/stages/tls/verify_codes.hpp"
#include "checks/stages/withheld.hpp"

namespace whylink::checks {
namespace {

using probes::StreamEnd;
using probes::TlsAlert;
using probes::TlsFacts;
using probes::TlsProgress;

std::string numbers_text(const TlsFacts& facts) {
    const std::string held_back = held_back_text(facts);
    return held_back.empty() ? stream_text(facts.bytes_sent, facts.bytes_received, facts.error) : held_back;
}

/// Alerts of the server that end nothing, but may tell why what followed did.
std::string warnings_text(const TlsFacts& facts) {
    std::string text;
    for (const TlsAlert& alert : facts.alerts) {
        if (!alert.sent_by_us && !is_fatal(alert) && alert.description != alert_close_notify) {
            text += fmt::format(", after warning alert {}", alert_text(alert.description));
        }
        if (alert.sent_by_us && alert.description == alert_no_renegotiation) {
            text += ", after this host declined a renegotiation";
        }
    }
    return text;
}

/// "RST 0.3 ms after ClientHello, 0 bytes received"
std::string ended_text(const TlsFacts& facts, std::string_view how, probes::Nanoseconds took) {
    const std::string when = facts.progress == TlsProgress::client_hello_sent
                                 ? fmt::format("{} {}", duration_text(took), title(facts.progress))
                                 : fmt::format("{} ({})", title(facts.progress), duration_text(took));
    return fmt::format("{} {}{}{}", how, when, warnings_text(facts), numbers_text(facts));
}

/// "no reply to ClientHello within 5 s"; of a server that had begun also where it stopped.
std::string silent_text(const TlsFacts& facts, probes::Nanoseconds took) {
    if (facts.bytes_received > 0) {
        return fmt::format("the server stops {}: no more data within {}{}{}", title(facts.progress),
                           duration_text(took), warnings_text(facts), numbers_text(facts));
    }
    const std::string_view sent = facts.progress == TlsProgress::not_started ? "" : " to ClientHello";
    return fmt::format("no reply{} within {}{}", sent, duration_text(took), held_back_text(facts));
}

Detail silent(const TlsFacts& facts, probes::Nanoseconds took) {
    return [=, &facts] { return silent_text(facts, took); };
}

/// `how` is a literal.
Detail ended(const TlsFacts& facts, const char* how, probes::Nanoseconds took) {
    return [=, &facts] { return ended_text(facts, how, took); };
}

bool was_reset(const TlsFacts& facts) {
    return stream_end(facts) == StreamEnd::rst;
}

// ---- before the server's first byte ----

Classification nothing_received(const TlsFacts& facts, probes::Nanoseconds took) {
    if (was_reset(facts)) {
        return said(Outcome::pending_allowlist, ended(facts, "RST", took));
    }
    if (facts.end == StreamEnd::fin) {
        return said(Outcome::pending_allowlist, ended(facts, "FIN", took));
    }
    if (facts.error != 0) {
        return said_or_local(errno_outcome(facts.error), ended(facts, "connection failed", took));
    }
    if (facts.timed_out || facts.library_error.empty()) {
        return said(Outcome::timeout, silent(facts, took));
    }
    return said(Outcome::local_error,
                [&facts] { return "the handshake could not start: " + facts.library_error; });
}

// ---- not TLS ----

Classification plain_text(const TlsFacts& facts, const Expectation& expectation) {
    const bool only_tried =
        expectation.tls == config::TlsMode::attempt && !is_proxy_header(facts.first_bytes);
    Classification result = said(Outcome::not_tls, [=, &facts] {
        return other_protocol_text("TLS", facts.first_bytes) +
               (only_tried ? "; TLS was only tried: no fault" : "");
    });
    result.counts = !only_tried;
    return result;
}

// ---- refused ----

std::string refused_by_us_text(const TlsFacts& facts) {
    std::string text = "this host refuses the server's choice";
    append(text, facts.version, ", ");
    append(text, facts.library_error, ": ");
    return text;
}

std::string alerted_text(const TlsFacts& facts, const TlsAlert& alert) {
    const std::string text =
        fmt::format("server alert {} {}", alert_text(alert.description), title(facts.progress));
    if (!facts.client_certificate_requested) {
        return text;
    }
    const std::string own =
        facts.client_certificate
            ? fmt::format("one: {}, issued by {}, valid from {} until {}", facts.client_certificate->subject,
                          facts.client_certificate->issuer, time_text(facts.client_certificate->not_before),
                          time_text(facts.client_certificate->not_after))
            : std::string("one");
    return text + "; the server asked for a client certificate and got " +
           (facts.client_certificate_sent ? own : "none");
}

std::optional<Classification> refused(const TlsFacts& facts) {
    if (facts.refused_by_us) {
        return said(Outcome::tls_mismatch, [&facts] { return refused_by_us_text(facts); });
    }
    const TlsAlert* alert = server_alert(facts.alerts);
    if (alert == nullptr) {
        return std::nullopt;
    }
    return said(outcome_of(*alert), [&facts, alert] { return alerted_text(facts, *alert); });
}

std::string unreadable_text(const TlsFacts& facts, const std::string& why) {
    if (facts.oversized) {
        return "handshake larger than this host accepts: " + why + numbers_text(facts);
    }
    if (facts.progress >= TlsProgress::server_hello) {
        return fmt::format("invalid TLS data {}: {}{}", title(facts.progress), why, numbers_text(facts));
    }
    return "the server's data is not valid TLS: " + why;
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
    const TlsAlert* ours = our_alert(facts.alerts);
    if (ours == nullptr) {
        return std::nullopt;
    }
    const auto detail = [&facts, ours] {
        std::string text = "this host sent alert " + alert_text(ours->description);
        append(text, facts.library_error, ": ");
        return text;
    };
    const bool mismatch = !facts.oversized && facts.progress != TlsProgress::complete &&
                          is_about_the_choice(ours->description, facts.progress);
    return mismatch ? said(Outcome::tls_mismatch, detail) : unreadable(facts, detail);
}

// ---- broken off ----

Classification broken_off(const TlsFacts& facts, probes::Nanoseconds took) {
    if (was_reset(facts)) {
        return said(Outcome::reset_by_peer, ended(facts, "RST", took));
    }
    if (facts.end == StreamEnd::fin) {
        return said(Outcome::closed_by_peer, ended(facts, "FIN", took));
    }
    if (facts.progress != TlsProgress::complete && !facts.timed_out && said_goodbye(facts.alerts)) {
        return said(Outcome::closed_by_peer, ended(facts, "close_notify", took));
    }
    if (facts.error != 0) {
        return said_or_local(errno_outcome(facts.error), ended(facts, "connection failed", took));
    }
    if (facts.timed_out || facts.library_error.empty()) {
        return said(Outcome::timeout, silent(facts, took));
    }
    return unreadable(facts, [&facts] { return facts.library_error; });
}

/// A server that wanted a client certificate and closes without a word has refused; any other FIN after the
/// handshake is a server with nothing to say to a client that says nothing.
bool refused_without_alert(const TlsFacts& facts) {
    return facts.end == StreamEnd::fin && lacked_client_certificate(facts) && !facts.message_after_handshake;
}

// ---- what passes, in numbers ----

/// In TLS 1.3 a server judges the client's certificate after the client's part of the handshake is over: one
/// that asked for it, got none, and then said nothing may accept that, or may refuse later.
bool leaves_client_certificate_open(const TlsFacts& facts) {
    return facts.progress == TlsProgress::complete && facts.version == "TLSv1.3" &&
           lacked_client_certificate(facts) && !facts.message_after_handshake;
}

std::string handshake_text(const TlsFacts& facts) {
    std::string line =
        fmt::format("{}{}{}, handshake in {}", facts.version.empty() ? "TLS" : facts.version,
                    facts.cipher.empty() ? "" : ", ", facts.cipher, duration_text(facts.handshake_took));
    if (!facts.chain.empty()) {
        line += fmt::format(", certificate {} until {}", facts.chain.front().subject,
                            time_text(facts.chain.front().not_after));
    }
    if (leaves_client_certificate_open(facts)) {
        line += "; the server asked for a client certificate, got none, and sent nothing more within " +
                duration_text(facts.watched);
    }
    return line + refused_elsewhere_text(facts);
}

// ---- what faults of the certificate show beside the outcome ----

FactSet faults_beside(const TlsFacts& tls, const JudgedProbe& probe) {
    FactSet facts;
    facts.insert_if(probe.outcome == Outcome::certificate_name_mismatch && probe.faults.size() > 1,
                    Fact::certificate_also_faulty);
    facts.insert_if(probe.outcome == Outcome::tls_alert && tls.verified &&
                        first_fault(tls, Outcome::certificate_name_mismatch) != nullptr,
                    Fact::certificate_beside_alert);
    const bool is_faulty = probe.outcome == Outcome::certificate_untrusted ||
                           probe.outcome == Outcome::certificate_expired ||
                           probe.outcome == Outcome::certificate_not_yet_valid;
    const probes::VerifyFault* fault = is_faulty ? first_fault(tls, probe.outcome) : nullptr;
    const std::optional<PlacedCertificate> subject =
        fault == nullptr ? std::nullopt : subject_of(*fault, tls);
    facts.insert_if(subject && subject->is_own(), Fact::trust_anchor_faulty);
    return facts;
}

/// What the server's own certificate shows came before whatever it did for want of ours. Of a wrong address that is
/// shown all the same.
bool is_judged_by_its_certificate(const TlsFacts& facts) {
    using enum probes::Withheld;
    return facts.client_certificate_withheld == other_peer ||
           (facts.client_certificate_withheld == not_verified && !facts.verify_faults.empty());
}

/// This side does not go on where it would have to compute with such a key.
bool stopped_at_the_certificate(const TlsFacts& facts) {
    return facts.progress == TlsProgress::certificate &&
           std::ranges::find(facts.verify_faults, v_err_beyond_bounds, &probes::VerifyFault::code) !=
               facts.verify_faults.end();
}

/// `verify = false` forgives faults of a certificate, and not that there is no connection.
std::string stopped_text(const TlsFacts& facts) {
    const auto fault =
        std::ranges::find(facts.verify_faults, v_err_beyond_bounds, &probes::VerifyFault::code);
    return "this host stops the handshake: the server sent " + fault->text;
}

Classification seen_of(const TlsFacts& facts, probes::Nanoseconds took, const Expectation& expectation) {
    if (facts.bytes_received == 0) {
        return nothing_received(facts, took);
    }
    if (!facts.first_bytes_are_tls) {
        return plain_text(facts, expectation);
    }
    if (stopped_at_the_certificate(facts) && !facts.verified) {
        return said(Outcome::tls_mismatch, [&facts] { return stopped_text(facts); });
    }
    if (is_judged_by_its_certificate(facts) || stopped_at_the_certificate(facts)) {
        return judge_certificate(facts, expectation);
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

}  // namespace

Classification classify(const TlsFacts& facts, probes::Nanoseconds took, const Expectation& expectation) {
    Classification seen = seen_of(facts, took, expectation);
    if (facts.client_certificate_withheld != probes::Withheld::no) {
        seen.detail = [before = std::move(seen.detail), &facts] {
            std::string text = before.text();
            append(text, withheld_text(facts));
            return text;
        };
    }
    return seen;
}

StreamEnd stream_end(const TlsFacts& facts) {
    return end_or_reset(facts.end, facts.error);
}

FactSet facts_of(const TlsFacts& tls, const JudgedProbe& probe, const TlsFacts* /*handshake*/) {
    FactSet facts;
    if (passes(probe.outcome)) {
        facts.insert_if(leaves_client_certificate_open(tls), Fact::certificate_left_open);
        return facts;
    }
    const bool timed_out = probe.outcome == Outcome::timeout;
    const bool plain = probe.outcome == Outcome::not_tls;
    facts.insert(Fact::tls_stage);
    facts.insert_if(timed_out && tls.bytes_received == 0, Fact::tls_silent);
    facts.insert_if(timed_out && tls.bytes_received > 0, Fact::tls_stalled);
    facts.insert_if(lacked_client_certificate(tls), Fact::certificate_requested);
    facts.insert_if(probe.outcome == Outcome::certificate_name_mismatch && tls.server_name.empty(),
                    Fact::certificate_of_no_address);
    facts.insert_all(faults_beside(tls, probe));
    facts.insert_if(probe.outcome == Outcome::unexpected_reply, Fact::tls_broken);
    facts.insert_if(plain && is_http(tls.first_bytes), Fact::plain_http);
    facts.insert_if(plain && is_proxy_header(tls.first_bytes), Fact::proxy_header_received);
    facts.insert_if(probe.outcome == Outcome::prohibited, Fact::tcp_prohibited);
    const bool alerted = probe.outcome == Outcome::tls_alert || probe.outcome == Outcome::tls_mismatch;
    facts.insert_if(alerted && tls.server_name.empty() && server_alert(tls.alerts) != nullptr,
                    Fact::alert_without_name);
    if (probe.outcome == Outcome::tls_alert) {
        facts.insert_all(facts_of_alert(server_alert(tls.alerts), wanted_client_certificate(tls)));
    }
    return facts;
}

std::string evidence_line(const TlsFacts& facts, const JudgedProbe& probe, const std::string& detail) {
    return address_line(probe, passes(probe.outcome) ? handshake_text(facts) : std::string(), detail);
}

}  // namespace whylink::checks
