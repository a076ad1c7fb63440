#include "checks/stages/app.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>

#include "checks/explain/text.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/stages/packets/delivery.hpp"
#include "checks/stages/tls/alerts.hpp"
#include "checks/stages/withheld.hpp"
#include "config/applications.hpp"
#include "config/first_bytes.hpp"
#include "config/outside_text.hpp"

namespace whylink::checks {
namespace {

using probes::AppFacts;
using probes::AppReply;
using probes::StreamEnd;
using probes::TlsAlert;

bool was_reset(const AppFacts& facts) {
    return stream_end(facts) == StreamEnd::rst;
}

// ---- what the server says ----

/// It answers HTTP/1.1 with a frame of HTTP/2, or ends the request in HTTP/2 without a status, as a server of gRPC does.
bool speaks_http2_only(const AppFacts& app) {
    const bool answers =
        app.reply == AppReply::other_protocol && !app.http2 && config::is_http2(app.first_bytes);
    return answers || (app.http2 && app.reply == AppReply::unexpected && !app.status);
}

std::string server_said(const AppFacts& facts, std::string_view what) {
    std::string text(what);
    append(text, reply_text(facts), ": ");
    return text;
}

/// `what` is a literal.
Classification reply(Outcome outcome, const AppFacts& facts, const char* what) {
    return said(outcome, [&facts, what] { return server_said(facts, what); });
}

Classification decisive(const AppFacts& facts) {
    switch (facts.reply) {
        case AppReply::wants_credentials:
            return reply(Outcome::ok, facts, "reached; asks for credentials");
        case AppReply::forbidden:
            return reply(Outcome::forbidden, facts, "the application refuses this client");
        case AppReply::cannot_serve:
            return reply(Outcome::unexpected_reply, facts, "the application cannot serve");
        case AppReply::unexpected:
            return reply(Outcome::unexpected_reply, facts, "unexpected reply");
        case AppReply::other_protocol:
            return said(Outcome::unexpected_reply, [&facts] {
                return speaks_http2_only(facts)
                           ? "answers HTTP/1.1 in HTTP/2: " + bytes_text(facts.first_bytes)
                           : other_protocol_text(protocol_title(facts.protocol), facts.first_bytes);
            });
        case AppReply::wants_tls:
            return reply(Outcome::unexpected_reply, facts, "requires TLS");
        case AppReply::without_tls:
            return reply(Outcome::unexpected_reply, facts, "the server offers no TLS inside its protocol");
        case AppReply::served:
        case AppReply::none:
            break;
    }
    return {};
}

// ---- nothing decisive ----

std::string numbers_text(const AppFacts& facts) {
    const std::string held_back = held_back_text(facts);
    return held_back.empty() ? stream_text(facts.bytes_sent, facts.bytes_received, facts.error) : held_back;
}

std::string ended_text(const AppFacts& facts, std::string_view how, probes::Nanoseconds took) {
    if (facts.bytes_received == 0 && !facts.over_tls) {
        const std::string_view what = facts.bytes_sent > 0 ? "the request" : "connect";
        return fmt::format("{} {} after {}{}", how, duration_text(took), what, numbers_text(facts));
    }
    const std::string_view where = facts.bytes_received > 0
                                       ? "in the middle of the reply"
                                       : "after the handshake, before the application's first byte";
    return fmt::format("{} {} ({}){}", how, where, duration_text(took), numbers_text(facts));
}

/// In TLS 1.3 the handshake is over for the client before the server has judged its certificate (RFC 8446
/// section 4.6.2).
std::optional<Classification> alerted(const AppFacts& facts) {
    const TlsAlert* alert = server_alert(facts.alerts);
    if (alert == nullptr) {
        return std::nullopt;
    }
    return said(outcome_of(*alert), [alert] {
        return fmt::format("server alert {} after the handshake", alert_text(alert->description));
    });
}

/// Nothing of the server has come on this connection: no byte of the application, and no TLS in front of it.
Classification ended(const AppFacts& facts, probes::Nanoseconds took, bool reset) {
    const bool nothing_came = !facts.over_tls && facts.bytes_received == 0;
    const char* how = reset ? "RST" : "FIN";
    return said(nothing_came ? Outcome::pending_allowlist
                : reset      ? Outcome::reset_by_peer
                             : Outcome::closed_by_peer,
                [=, &facts] { return ended_text(facts, how, took); });
}

std::string silence_text(const AppFacts& facts, probes::Nanoseconds took) {
    if (facts.bytes_received > 0) {
        return fmt::format("the server stops in the middle of the reply: no more data within {}{}",
                           duration_text(took), numbers_text(facts));
    }
    return fmt::format("no reply to the {} request within {}{}", protocol_title(facts.protocol),
                       duration_text(took), held_back_text(facts));
}

std::string no_valid_tls_text(const AppFacts& facts) {
    std::string text = "invalid TLS data after the handshake";
    append(text, facts.library_error, ": ");
    return text;
}

Classification undecided(const AppFacts& facts, probes::Nanoseconds took) {
    const auto ended_by = [&](const char* how) {
        return [=, &facts] { return ended_text(facts, how, took); };
    };
    if (std::optional<Classification> result = alerted(facts)) {
        return *result;
    }
    if (our_alert(facts.alerts) != nullptr) {
        return said(Outcome::unexpected_reply, [&facts] { return no_valid_tls_text(facts); });
    }
    if (was_reset(facts) || facts.end == StreamEnd::fin) {
        return ended(facts, took, was_reset(facts));
    }
    if (facts.error != 0) {
        return said_or_local(errno_outcome(facts.error), ended_by("connection failed"));
    }
    if (said_goodbye(facts.alerts) && !facts.timed_out) {
        return said(Outcome::closed_by_peer, ended_by("close_notify"));
    }
    return said(Outcome::timeout, [=, &facts] { return silence_text(facts, took); });
}

// ---- facts ----

/// What answers in TLS to one who speaks plain text wants TLS, whichever application it is.
bool answers_in_tls(const AppFacts& app) {
    return app.reply == AppReply::other_protocol && !app.over_tls && is_tls_record(app.first_bytes);
}

config::Opening opening_of(const AppFacts& app) {
    const config::FirstBytes* known = config::row_of(app.first_bytes);
    return known == nullptr ? config::Opening::speaks : known->opening;
}

/// 1129 is MySQL's ER_HOST_IS_BLOCKED.
bool blocks_this_host(const AppFacts& app) {
    const auto spoken = from_slug<config::App>(app.protocol);
    return opening_of(app) == config::Opening::blocks || (spoken == config::App::mysql && app.status == 1129);
}

/// ER_USER_LIMIT_REACHED and ER_TOO_MANY_USER_CONNECTIONS of MySQL come after its greeting; PostgreSQL's
/// too_many_connections, after the login was asked for.
bool limits_clients(const AppFacts& app) {
    const auto spoken = from_slug<config::App>(app.protocol);
    const bool mysql =
        spoken == config::App::mysql && (app.status == 1040 || app.status == 1203 || app.status == 1226);
    const bool postgres = spoken == config::App::postgres && app.said.starts_with("53300");
    return mysql || postgres || opening_of(app) == config::Opening::limits;
}

bool says_any_of(const AppFacts& app, std::span<const std::string_view> wordings) {
    return std::ranges::any_of(
        wordings, [&](std::string_view wording) { return app.said.find(wording) != std::string::npos; });
}

/// A 403 that may be all that anybody gets who shows no credentials: of S3 and of AWS's API Gateway (a key is missing,
/// or a policy refuses the endpoint). Of an answer in HTTP/2 no more than the status is read.
bool may_want_credentials(const AppFacts& app) {
    constexpr std::array<std::string_view, 3> wordings{"AccessDenied", "ForbiddenException",
                                                       "User: anonymous"};
    return app.status == 403 && (app.http2 || says_any_of(app, wordings));
}

/// Databases say it in their own protocol; what speaks TLS only answers with an alert, or a web server with 400.
bool requires_tls(const AppFacts& app) {
    const auto spoken = from_slug<config::App>(app.protocol);
    const bool database = spoken == config::App::postgres || spoken == config::App::mysql;
    return app.reply == AppReply::wants_tls && database && !app.said.empty();
}

/// How pg_hba.conf's refusal ends: PostgreSQL 14 and later, and before.
bool says_unencrypted(const AppFacts& app) {
    constexpr std::array<std::string_view, 2> wordings{"no encryption", "SSL off"};
    return says_any_of(app, wordings);
}

/// MQTT 3.1.1 is asked for. 1: the broker does not take that version; 0x84: likewise, in the form of MQTT 5.
bool takes_another_version(const AppFacts& app) {
    return app.protocol == slug(config::App::mqtt) && (app.status == 1 || app.status == 0x84);
}

/// Nothing at this path, or not for GET: of the path that was asked for, and not of the server.
bool says_no_page(const AppFacts& app) {
    return app.status == 404 || app.status == 405 || app.status == 410;
}

FactSet facts_of_reply(const AppFacts& app) {
    FactSet facts;
    const bool own_words = requires_tls(app);
    const bool wants_tls = (app.reply == AppReply::wants_tls && !own_words) || answers_in_tls(app);
    const bool http2 = speaks_http2_only(app);
    const bool other = app.reply == AppReply::other_protocol && !answers_in_tls(app) && !http2;
    facts.insert_if(app.reply == AppReply::forbidden, Fact::app_forbidden);
    facts.insert_if(app.reply == AppReply::cannot_serve, Fact::app_cannot_serve);
    facts.insert_if(app.reply == AppReply::unexpected && !http2, Fact::app_unexpected);
    facts.insert_if(http2, Fact::app_http2);
    facts.insert_if(app.reply == AppReply::forbidden && blocks_this_host(app), Fact::app_host_blocked);
    facts.insert_if(app.reply == AppReply::cannot_serve && limits_clients(app), Fact::app_limits_clients);
    facts.insert_if(app.reply == AppReply::without_tls, Fact::app_without_tls);
    facts.insert_if(wants_tls, Fact::app_wants_tls);
    facts.insert_if(own_words, Fact::app_requires_tls);
    facts.insert_if(other, Fact::app_other_protocol);
    facts.insert_if(other && is_proxy_header(app.first_bytes), Fact::proxy_header_received);
    const auto spoken = from_slug<config::App>(app.protocol);
    const bool over_http = spoken && config::application(*spoken).over_http;
    facts.insert_if(over_http && app.status == 400, Fact::app_bad_request);
    facts.insert_if(over_http && app.reply == AppReply::unexpected && app.status == 429,
                    Fact::app_limits_rate);
    facts.insert_if(spoken == config::App::http && app.reply == AppReply::unexpected && says_no_page(app),
                    Fact::app_has_no_page);
    facts.insert_if(over_http && app.reply == AppReply::forbidden && may_want_credentials(app),
                    Fact::app_maybe_wants_credentials);
    // pg_hba.conf is matched by all of them.
    const bool refuses_login = app.reply == AppReply::forbidden && spoken == config::App::postgres;
    facts.insert_if(refuses_login, Fact::app_refuses_login);
    facts.insert_if(refuses_login && says_unencrypted(app), Fact::app_refuses_unencrypted);
    return facts;
}

// ---- what passes, in numbers ----

/// "Redis 7.0.15 answers in 0.4 ms: PONG"
std::string answered_text(const AppFacts& facts, const JudgedProbe& probe, const std::string& detail) {
    std::string line =
        fmt::format("{}{} answers in {}", facts.http2 ? "HTTP/2" : protocol_title(facts.protocol),
                    facts.server.empty() ? "" : fmt::format(" ({})", shortened(facts.server, 60)),
                    duration_text(facts.first_byte_after.value_or(probe.observation.took)));
    append(line, detail.empty() ? reply_text(facts) : "", ": ");
    append(line, facts.read_only.value_or(false)
                     ? "read-only: clients that need writes (target_session_attrs=read-write) pass it over"
                     : "");
    return line;
}

}  // namespace

Classification classify(const AppFacts& facts, probes::Nanoseconds took, const Expectation& /*expectation*/) {
    return facts.reply == AppReply::none ? undecided(facts, took) : decisive(facts);
}

StreamEnd stream_end(const AppFacts& facts) {
    return end_or_reset(facts.end, facts.error);
}

FactSet facts_of(const AppFacts& app, const JudgedProbe& probe, const probes::TlsFacts* handshake) {
    using enum Outcome;
    if (passes(probe.outcome)) {
        const bool chosen = handshake != nullptr && handshake->alpn == "h2";
        FactSet facts;
        facts.insert_if(app.http2 && !chosen, Fact::app_http2);
        facts.insert_if(takes_another_version(app), Fact::app_other_version);
        return facts;
    }
    const bool silent = probe.outcome == timeout;
    const bool ended = probe.outcome == reset_by_peer || probe.outcome == closed_by_peer;
    const bool behind_tls = app.over_tls && handshake != nullptr;
    const bool asked = behind_tls && wanted_client_certificate(*handshake);
    FactSet facts = facts_of_reply(app);
    facts.insert(Fact::app_stage);
    facts.insert_if(app.over_tls, Fact::app_behind_tls);
    facts.insert_if(silent && app.bytes_received == 0, Fact::app_silent);
    facts.insert_if(silent && app.bytes_received > 0, Fact::app_stalled);
    facts.insert_if(ended && app.bytes_received == 0, Fact::app_unanswered);
    facts.insert_if(asked && !handshake->client_certificate_sent, Fact::certificate_requested);
    facts.insert_if(probe.outcome == prohibited, Fact::tcp_prohibited);
    facts.insert_if(probe.outcome == unexpected_reply && app.reply == AppReply::none, Fact::tls_broken);
    if (probe.outcome == tls_alert) {
        facts.insert_all(facts_of_alert(server_alert(app.alerts), asked));
    }
    return facts;
}

std::string evidence_line(const AppFacts& facts, const JudgedProbe& probe, const std::string& detail) {
    return address_line(probe, passes(probe.outcome) ? answered_text(facts, probe, detail) : std::string(),
                        detail);
}

}  // namespace whylink::checks
