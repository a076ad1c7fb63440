#include <algorithm>

#include "checks/explain/text.hpp"
#include "checks/stages/classify_stage.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/stages/tls_alerts.hpp"

namespace whylink::checks {
namespace {

using probes::AppFacts;
using probes::AppReply;
using probes::StreamEnd;
using probes::TlsAlert;

bool was_reset(const AppFacts& facts) {
    return facts.end == StreamEnd::rst ||
           (facts.end == StreamEnd::none && errno_outcome(facts.error) == Outcome::reset_by_peer);
}

// ---- what the server says ----

std::string server_said(const AppFacts& facts, std::string_view what) {
    const std::string words = reply_text(facts);
    std::string text(what);
    return words.empty() ? text : text + ": " + words;
}

/// `what` is a literal.
Classification reply(Outcome outcome, const AppFacts& facts, const char* what) {
    return said(outcome, [&facts, what] { return server_said(facts, what); });
}

/// What the first bytes are, where they are not of the protocol.
std::string other_protocol_text(const AppFacts& facts) {
    const std::string_view guess = looks_like(facts.first_bytes);
    std::string text =
        "not " + protocol_title(facts.protocol) + ", the first bytes are " + bytes_text(facts.first_bytes);
    if (!guess.empty()) {
        text += ", which looks like ";
        text += guess;
    }
    return text;
}

Classification decisive(const AppFacts& facts) {
    switch (facts.reply) {
        case AppReply::wants_credentials:
            return reply(Outcome::ok, facts, "reached, it asks for credentials");
        case AppReply::forbidden:
            return reply(Outcome::forbidden, facts, "the application refuses");
        case AppReply::cannot_serve:
            return reply(Outcome::unexpected_reply, facts, "the application says that it cannot serve");
        case AppReply::unexpected:
            return reply(Outcome::unexpected_reply, facts, "not the answer that was expected");
        case AppReply::other_protocol:
            return said(Outcome::unexpected_reply, [&facts] { return other_protocol_text(facts); });
        case AppReply::wants_tls:
            return reply(Outcome::unexpected_reply, facts, "it wants TLS first");
        case AppReply::without_tls:
            return reply(Outcome::unexpected_reply, facts,
                         "asked for TLS inside its protocol, the server offers none");
        case AppReply::served:
        case AppReply::none:
            break;
    }
    return {};
}

// ---- nothing decisive ----

std::string numbers_text(const AppFacts& facts) {
    std::string text = ", " + count_text(facts.bytes_sent, "byte") + " sent, " +
                       std::to_string(facts.bytes_received) + " received";
    return facts.error == 0 ? text : text + ", " + errno_text(facts.error);
}

std::string ended_text(const AppFacts& facts, std::string_view how, probes::Nanoseconds took) {
    const std::string_view where = facts.bytes_received > 0 ? "in the midst of the application's answer"
                                   : facts.over_tls
                                       ? "after the handshake, before the application's first byte"
                                       : "before its first byte";
    return std::string(how) + " " + std::string(where) + ", " + duration_text(took) + " into the stage" +
           numbers_text(facts);
}

/// In TLS 1.3 the handshake is over for the client before the server has judged its certificate (RFC 8446
/// section 4.6.2).
std::optional<Classification> alerted(const AppFacts& facts) {
    const TlsAlert* alert = server_alert(facts.alerts);
    if (alert == nullptr) {
        return std::nullopt;
    }
    const bool mismatch =
        alert->description == alert_protocol_version || alert->description == alert_insufficient_security;
    return said(mismatch ? Outcome::tls_mismatch : Outcome::tls_alert, [alert] {
        return "the server sent the alert " + alert_text(alert->description) + " after the handshake";
    });
}

/// Nothing of the server has come on this connection: no byte of the application, and no TLS in front of it.
Classification ended(const AppFacts& facts, probes::Nanoseconds took, bool reset) {
    const bool nothing_came = !facts.over_tls && facts.bytes_received == 0;
    const char* how =
        nothing_came ? (reset ? "accepted, then RST" : "accepted, then FIN") : (reset ? "RST" : "FIN");
    return said(nothing_came ? Outcome::pending_allowlist
                : reset      ? Outcome::reset_by_peer
                             : Outcome::closed_by_peer,
                [=, &facts] { return ended_text(facts, how, took); });
}

bool said_goodbye(const AppFacts& facts) {
    return std::ranges::any_of(facts.alerts, [](const TlsAlert& alert) {
        return !alert.sent_by_us && alert.description == alert_close_notify;
    });
}

bool ended_by_us(const AppFacts& facts) {
    return std::ranges::any_of(facts.alerts,
                               [](const TlsAlert& alert) { return alert.sent_by_us && is_fatal(alert); });
}

std::string silence_text(const AppFacts& facts, probes::Nanoseconds took) {
    return facts.bytes_received > 0 ? ended_text(facts, "the server fell silent", took)
                                    : "silence in answer to the " + protocol_title(facts.protocol) +
                                          " request for " + duration_text(took) + numbers_text(facts);
}

std::string no_valid_tls_text(const AppFacts& facts) {
    return "what the server sent after the handshake is no valid TLS" +
           (facts.library_error.empty() ? "" : ": " + facts.library_error);
}

Classification undecided(const AppFacts& facts, probes::Nanoseconds took) {
    const auto ended_by = [&](const char* how) {
        return [=, &facts] { return ended_text(facts, how, took); };
    };
    if (std::optional<Classification> result = alerted(facts)) {
        return *result;
    }
    if (ended_by_us(facts)) {
        return said(Outcome::unexpected_reply, [&facts] { return no_valid_tls_text(facts); });
    }
    if (was_reset(facts) || facts.end == StreamEnd::fin) {
        return ended(facts, took, was_reset(facts));
    }
    if (facts.error != 0) {
        return said_or_local(errno_outcome(facts.error), ended_by("the connection failed"));
    }
    if (said_goodbye(facts) && !facts.timed_out) {
        return said(Outcome::closed_by_peer, ended_by("the alert close_notify"));
    }
    return said(Outcome::timeout, [=, &facts] { return silence_text(facts, took); });
}

}  // namespace

Classification classify_app(const AppFacts& facts, probes::Nanoseconds took) {
    return facts.reply == AppReply::none ? undecided(facts, took) : decisive(facts);
}

}  // namespace whylink::checks
