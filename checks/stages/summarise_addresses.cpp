#include <algorithm>

#include "checks/stages/classify.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/stages/packets.hpp"
#include "checks/stages/summarise.hpp"
#include "checks/stages/tls_alerts.hpp"
#include "config/applications.hpp"

namespace whylink::checks {
namespace {

using probes::AppFacts;
using probes::AppReply;
using probes::StreamEnd;
using probes::TcpFacts;
using probes::TlsFacts;

void add_alert(FactSet& facts, const probes::TlsAlert* alert, bool certificate_requested) {
    if (alert == nullptr) {
        return;
    }
    const bool on_certificate = alert->description == alert_certificate_required ||
                                (certificate_requested && is_about_certificate(alert->description));
    const bool unspecific =
        alert->description == alert_handshake_failure || alert->description == alert_access_denied;
    facts.insert_if(on_certificate, Fact::alert_on_client_certificate);
    facts.insert_if(certificate_requested && unspecific, Fact::alert_maybe_client_certificate);
    facts.insert_if(alert->description == alert_unrecognized_name, Fact::alert_on_name);
    facts.insert_if(alert->description == alert_internal_error, Fact::alert_internal);
}

void add_tcp(FactSet& facts, const JudgedProbe& probe, const TcpFacts& tcp) {
    const bool forbidden = forbidden_here(probe.observation);
    facts.insert_if(probe.outcome == Outcome::prohibited && forbidden, Fact::tcp_forbidden_here);
    facts.insert_if(probe.outcome == Outcome::prohibited && !forbidden, Fact::tcp_prohibited);
    facts.insert_if(probe.outcome == Outcome::unreachable && tcp.no_route, Fact::tcp_no_route);
    facts.insert_if(probe.outcome == Outcome::refused && tcp.at_once, Fact::tcp_refused_at_once);
}

void add_tls(FactSet& facts, const JudgedProbe& probe, const TlsFacts& tls) {
    const bool timed_out = probe.outcome == Outcome::timeout;
    const bool plain = probe.outcome == Outcome::not_tls;
    facts.insert(Fact::tls_stage);
    facts.insert_if(timed_out && tls.bytes_received == 0, Fact::tls_silent);
    facts.insert_if(timed_out && tls.bytes_received > 0, Fact::tls_stalled);
    facts.insert_if(tls.client_certificate_requested && !tls.client_certificate_sent,
                    Fact::certificate_requested);
    facts.insert_if(probe.outcome == Outcome::unexpected_reply, Fact::tls_broken);
    facts.insert_if(plain && is_http(tls.first_bytes), Fact::plain_http);
    facts.insert_if(plain && is_proxy_header(tls.first_bytes), Fact::proxy_header_received);
    facts.insert_if(probe.outcome == Outcome::prohibited, Fact::tcp_prohibited);
    if (probe.outcome == Outcome::tls_alert) {
        add_alert(facts, server_alert(tls), tls.client_certificate_requested);
    }
}

/// What answers in TLS to one who speaks plain text wants TLS, whichever application it is.
bool answers_in_tls(const AppFacts& app) {
    return app.reply == AppReply::other_protocol && !app.over_tls && is_tls_record(app.first_bytes);
}

void add_reply(FactSet& facts, const AppFacts& app) {
    const bool wants_tls = app.reply == AppReply::wants_tls || answers_in_tls(app);
    const bool other = app.reply == AppReply::other_protocol && !answers_in_tls(app);
    facts.insert_if(app.reply == AppReply::forbidden, Fact::app_forbidden);
    facts.insert_if(app.reply == AppReply::cannot_serve, Fact::app_cannot_serve);
    facts.insert_if(app.reply == AppReply::unexpected, Fact::app_unexpected);
    facts.insert_if(app.reply == AppReply::without_tls, Fact::app_without_tls);
    facts.insert_if(wants_tls, Fact::app_wants_tls);
    facts.insert_if(other, Fact::app_other_protocol);
    facts.insert_if(other && is_proxy_header(app.first_bytes), Fact::proxy_header_received);
    const auto spoken = from_slug<config::App>(app.protocol);
    const bool over_http = spoken && config::application(*spoken).over_http;
    facts.insert_if(over_http && app.status == 400, Fact::app_bad_request);
    // pg_hba.conf is matched by all of them.
    facts.insert_if(app.reply == AppReply::forbidden && spoken == config::App::postgres,
                    Fact::app_refuses_login);
}

/// `tls` is the handshake that the application was behind, null when there was none.
void add_app(FactSet& facts, const JudgedProbe& probe, const AppFacts& app, const TlsFacts* tls) {
    using enum Outcome;
    const bool silent = probe.outcome == timeout;
    const bool ended = probe.outcome == reset_by_peer || probe.outcome == closed_by_peer;
    const bool behind_tls = app.over_tls && tls != nullptr;
    const bool asked = behind_tls && tls->client_certificate_requested;
    facts.insert(Fact::app_stage);
    facts.insert_if(app.over_tls, Fact::app_behind_tls);
    facts.insert_if(silent && app.bytes_received == 0, Fact::app_silent);
    facts.insert_if(silent && app.bytes_received > 0, Fact::app_stalled);
    facts.insert_if(ended && app.bytes_received == 0, Fact::app_unanswered);
    facts.insert_if(asked && !tls->client_certificate_sent, Fact::certificate_requested);
    facts.insert_if(probe.outcome == prohibited, Fact::tcp_prohibited);
    facts.insert_if(probe.outcome == unexpected_reply && app.reply == AppReply::none, Fact::tls_broken);
    add_reply(facts, app);
    if (probe.outcome == tls_alert) {
        add_alert(facts, server_alert(app.alerts), asked);
    }
}

const TlsFacts* tls_facts(const AddressState& state) {
    return state.tls == nullptr ? nullptr : std::get_if<TlsFacts>(&state.tls->observation.facts);
}

void add_failure(FactSet& facts, const AddressState& state) {
    const JudgedProbe& probe = *state.last;
    using enum Outcome;
    const Outcome outcome = probe.outcome;
    const StreamEnd end = stream_end(probe.observation);
    const auto* tcp = std::get_if<TcpFacts>(&probe.observation.facts);
    const auto* tls = std::get_if<TlsFacts>(&probe.observation.facts);
    const auto* app = std::get_if<AppFacts>(&probe.observation.facts);
    facts.insert_if(outcome == timeout && tcp != nullptr, Fact::tcp_timeout);
    facts.insert_if(outcome == refused, Fact::tcp_refused);
    facts.insert_if(outcome == unreachable, Fact::tcp_unreachable);
    facts.insert_if(outcome == pending_allowlist && end != StreamEnd::fin, Fact::accepted_then_reset);
    facts.insert_if(outcome == pending_allowlist && end == StreamEnd::fin, Fact::accepted_then_closed);
    facts.insert_if(outcome == reset_by_peer, Fact::reset_after_bytes);
    facts.insert_if(outcome == closed_by_peer, Fact::closed_after_bytes);
    facts.insert_if(outcome == not_tls, Fact::not_tls);
    facts.insert_if(outcome == tls_mismatch, Fact::tls_mismatch);
    facts.insert_if(outcome == tls_alert, Fact::tls_alert);
    facts.insert_if(outcome == certificate_name_mismatch, Fact::certificate_of_other_name);
    facts.insert_if(outcome == certificate_name_mismatch && tls != nullptr && tls->server_name.empty(),
                    Fact::certificate_of_no_address);
    facts.insert_if(outcome == certificate_untrusted || outcome == certificate_expired ||
                        outcome == certificate_not_yet_valid,
                    Fact::certificate_faulty);
    if (tcp != nullptr) {
        add_tcp(facts, probe, *tcp);
    } else if (tls != nullptr) {
        add_tls(facts, probe, *tls);
    } else if (app != nullptr) {
        add_app(facts, probe, *app, tls_facts(state));
    }
}

}  // namespace

FactSet summarise_address(const AddressState& state) {
    FactSet facts;
    const Outcome outcome = state.last->outcome;
    // The handshake keeps its warning when the application behind it has nothing to complain of.
    const bool expiring = state.tls != nullptr && state.tls->outcome == Outcome::certificate_expiring;
    facts.insert_if(expiring, Fact::certificate_expiring);
    if (passes(outcome)) {
        const auto* tls = std::get_if<TlsFacts>(&state.last->observation.facts);
        facts.insert(Fact::address_works);
        facts.insert_if(tls != nullptr && leaves_client_certificate_open(*tls), Fact::certificate_left_open);
    } else if (outcome == Outcome::local_error) {
        facts.insert(Fact::local_error);
    } else {
        facts.insert(Fact::address_fails);
        add_failure(facts, state);
        facts = sharpen(facts, *state.last, state.packets);
    }
    return facts;
}

FactSet summarise_addresses(const config::Target& target, const Assessment& round) {
    FactSet facts;
    for (const AddressState& state : address_states(target, round)) {
        if (state.right) {
            facts.insert_all(summarise_address(state));
        }
    }
    // A handshake that does not count was only tried, and plain text works in its place.
    facts.insert_if(std::ranges::any_of(round.probes,
                                        [](const JudgedProbe& probe) {
                                            return !probe.counts &&
                                                   std::holds_alternative<TlsFacts>(probe.observation.facts);
                                        }),
                    Fact::plain_text_service);
    return facts;
}

}  // namespace whylink::checks
