#include "checks/followups/results.hpp"

#include <algorithm>
#include <set>

#include "checks/followups/next_hop.hpp"
#include "checks/followups/query_results.hpp"
#include "checks/stages/host.hpp"
#include "checks/stages/looks_like.hpp"
#include "checks/stages/packets/delivery.hpp"
#include "checks/stages/stage.hpp"
#include "checks/stages/tls/alerts.hpp"

namespace whylink::checks {
namespace {

using probes::AppFacts;
using probes::AppReply;
using probes::FollowUp;
using probes::TlsFacts;
using probes::TlsProgress;

/// How far a connection got, in order.
enum class Reached {
    nothing,
    connected,
    spoke,      ///< the server sent something, which may be a complaint about what it got
    tls_began,  ///< it read a ClientHello
    tls_complete,
    served,  ///< the application answered what it was asked
};

bool refuses_the_name(const TlsFacts& facts) {
    const probes::TlsAlert* alert = server_alert(facts.alerts);
    return alert != nullptr && alert->description == alert_unrecognized_name;
}

Reached reached_of(const TlsFacts& facts) {
    // A server that asks for a client certificate has done its part.
    const bool asked = facts.client_certificate_withheld != probes::Withheld::no;
    if (facts.progress == TlsProgress::complete || asked) {
        return Reached::tls_complete;
    }
    // Only who has read the ClientHello can dislike the name in it.
    if (facts.progress >= TlsProgress::server_hello || refuses_the_name(facts)) {
        return Reached::tls_began;
    }
    return facts.bytes_received > 0 ? Reached::spoke : Reached::connected;
}

bool is_proper(AppReply reply) {
    return reply == AppReply::served || reply == AppReply::wants_credentials;
}

/// Redis in protected mode and a MySQL server that blocks the host say so to everybody, and a web server
/// calls junk a bad request: only an answer proper shows that the request was read.
Reached reached_of(const AppFacts& facts) {
    if (is_proper(facts.reply)) {
        return Reached::served;
    }
    if (facts.over_tls) {
        return Reached::tls_complete;
    }
    return facts.bytes_received > 0 ? Reached::spoke : Reached::connected;
}

Reached reached(const JudgedProbe& probe) {
    if (const auto* app = probe.app()) {
        return reached_of(*app);
    }
    if (const auto* tls = probe.tls()) {
        return reached_of(*tls);
    }
    const auto* tcp = probe.tcp();
    if (tcp == nullptr || !tcp->connected) {
        return Reached::nothing;
    }
    return tcp->bytes_received > 0 ? Reached::spoke : Reached::connected;
}

/// How it failed, as far as two failures can be the same.
enum class Failure { none, silence, reset, closed, alert_on_name, alert, other_name, other };

Failure failure_of(const JudgedProbe& probe) {
    const auto* tls = probe.tls();
    if (passes(probe.outcome)) {
        return Failure::none;
    }
    if (probe.outcome == Outcome::timeout) {
        return Failure::silence;
    }
    if (probe.outcome == Outcome::pending_allowlist) {
        return stream_end(probe.observation) == probes::StreamEnd::fin ? Failure::closed : Failure::reset;
    }
    if (probe.outcome == Outcome::tls_alert && tls != nullptr && refuses_the_name(*tls)) {
        return Failure::alert_on_name;
    }
    if (tls != nullptr && server_alert(tls->alerts) != nullptr) {
        return Failure::alert;
    }
    if (probe.outcome == Outcome::certificate_name_mismatch) {
        return Failure::other_name;
    }
    return Failure::other;
}

std::uint8_t alert_of(const JudgedProbe& probe) {
    const auto* tls = probe.tls();
    const probes::TlsAlert* alert = tls == nullptr ? nullptr : server_alert(tls->alerts);
    return alert == nullptr ? 0 : alert->description;
}

bool fails_alike(const JudgedProbe& a, const JudgedProbe& b) {
    const Failure failure = failure_of(a);
    const bool alerts_differ = failure == Failure::alert && alert_of(a) != alert_of(b);
    return failure != Failure::none && failure != Failure::other && failure == failure_of(b) &&
           reached(a) == reached(b) && !alerts_differ;
}

/// A banner that comes by itself; a complaint in HTTP is an answer to what was sent.
bool has_banner(const JudgedProbe& probe) {
    const auto* tcp = probe.tcp();
    return tcp != nullptr && tcp->bytes_received > 0 && !is_http(tcp->first_bytes) &&
           !is_proxy_header(tcp->first_bytes);
}

/// Whoever does not know the header takes it for junk and complains; a ServerHello or an answer to the
/// request comes only from who has read past it.
bool got_past_the_header(const JudgedProbe& probe) {
    return reached(probe) >= Reached::tls_began || has_banner(probe);
}

bool small_segments_help(const JudgedProbe& now, const JudgedProbe& before) {
    const auto* app = now.app();
    const bool spoke = app != nullptr && app->bytes_received > 0 && !app->timed_out;
    return spoke || reached(now) >= Reached::tls_complete ||
           (reached(before) == Reached::connected && reached(now) == Reached::tls_began);
}

bool speaks_plain_text(const JudgedProbe& probe) {
    const auto* app = probe.app();
    return app != nullptr && !app->over_tls &&
           (is_proper(app->reply) || app->reply == AppReply::forbidden ||
            app->reply == AppReply::cannot_serve);
}

/// Whatever TLS comes back, an alert too: somebody there reads names.
bool answers_in_tls(const JudgedProbe& probe) {
    const auto* tls = probe.tls();
    return reached(probe) >= Reached::tls_began ||
           (tls != nullptr && tls->bytes_received > 0 && tls->first_bytes_are_tls);
}

/// Whatever else is wrong with the certificate, it is for the name that was asked for. An application is spoken to inside
/// TLS only where the certificate is right.
bool is_known_by_that_name(const JudgedProbe& probe) {
    const auto* app = probe.app();
    const bool named =
        std::ranges::find(probe.faults, Outcome::certificate_name_mismatch) == probe.faults.end();
    return named && (app == nullptr ? reached(probe) >= Reached::tls_complete : app->over_tls);
}

/// An alert again says nothing of the version: it is TLS that was refused both times.
bool tls12_helps(const JudgedProbe& now, const JudgedProbe& before) {
    return reached(now) >= Reached::tls_complete ||
           (reached(now) == Reached::tls_began && reached(before) <= Reached::connected);
}

bool is_answered(FollowUp kind, const JudgedProbe& now, const JudgedProbe& before) {
    switch (kind) {
        case FollowUp::proxy_v2:
            return got_past_the_header(now) && reached(now) > reached(before);
        case FollowUp::other_name:
            return answers_in_tls(now) && reached(before) <= Reached::connected;
        case FollowUp::small_segments:
            return small_segments_help(now, before) && reached(now) > reached(before);
        case FollowUp::plain_text:
            return speaks_plain_text(now);
        case FollowUp::read_on:
            return reached(now) == Reached::served || !looks_like(now).empty();
        case FollowUp::small_hello:
            return answers_in_tls(now) && reached(before) <= Reached::connected;
        case FollowUp::tls12_only:
            return tls12_helps(now, before) && reached(now) > reached(before);
        case FollowUp::no_name:
        case FollowUp::alias_name:
            return reached(now) >= Reached::tls_complete;
        case FollowUp::linked_name:
            return is_known_by_that_name(now);
        case FollowUp::large_hello:
        case FollowUp::large_hello_segments:
            return reached(now) >= Reached::tls_complete;
        case FollowUp::repeat:
            return passes(now.outcome) && now.observation.stage >= before.observation.stage;
        default:
            return false;
    }
}

Finding of_acceptor(const JudgedProbe& probe) {
    switch (acceptor_of(probe)) {
        case Acceptor::here:
            return Finding::answered;
        case Acceptor::not_here:
            return Finding::same;
        default:
            return Finding::nothing;
    }
}

/// Who accepts and resets before connect() returns has accepted.
Finding of_control(const JudgedProbe& probe) {
    const auto* tcp = probe.tcp();
    const bool accepted = tcp != nullptr && (tcp->connected || probe.outcome == Outcome::pending_allowlist);
    const bool closed = probe.outcome == Outcome::refused || probe.outcome == Outcome::timeout;
    return accepted ? Finding::answered : closed ? Finding::same : Finding::nothing;
}

/// A server that needs long for the ordinary handshake is not silent yet when a follow-up test, which has less time, gives
/// up.
bool had_the_time(const JudgedProbe& now, std::span<const JudgedProbe> probes) {
    return now.outcome != Outcome::timeout || std::ranges::none_of(probes, [&](const JudgedProbe& probe) {
               return probe.counts && probe.observation.address == now.observation.address &&
                      probe.dns() == nullptr && 2 * probe.observation.took > now.observation.took;
           });
}

/// The connection came up as the ordinary one did, and then it is the thing that was changed that fails. A repeat changes
/// nothing: what passed and fails now comes and goes.
bool is_worse(FollowUp kind, const JudgedProbe& now, const JudgedProbe& before,
              std::span<const JudgedProbe> probes) {
    const bool compares =
        kind == FollowUp::large_hello || kind == FollowUp::large_hello_segments || kind == FollowUp::repeat;
    return compares && passes(before.outcome) && !passes(now.outcome) && reached(now) >= Reached::connected &&
           had_the_time(now, probes);
}

/// An RST to the SYN shows as well that the address is reached.
Finding of_another_door(const JudgedProbe& probe) {
    if (probe.outcome == Outcome::refused || reached(probe) >= Reached::connected) {
        return Finding::answered;
    }
    return probe.outcome == Outcome::timeout ? Finding::same : Finding::nothing;
}

bool is_undelivered(const JudgedProbe& probe) {
    return nothing_arrived(probe) || partly_arrived(probe);
}

Finding finding_of(const FollowUpResult& result, std::span<const JudgedProbe> probes) {
    const JudgedProbe& probe = *result.probe;
    if (probe.outcome == Outcome::local_error || forbidden_here(probe.observation)) {
        return Finding::nothing;
    }
    if (result.kind == FollowUp::next_hop) {
        return next_hop_finding(probe);
    }
    if (probe.dns() != nullptr) {
        return finding_of_query(result.kind, probe, probes);
    }
    if (result.kind == FollowUp::local_acceptor) {
        return of_acceptor(probe);
    }
    if (result.kind == FollowUp::control_port || result.kind == FollowUp::control_address) {
        return of_control(probe);
    }
    if (result.kind == FollowUp::other_port || result.kind == FollowUp::other_address) {
        return of_another_door(probe);
    }
    if (result.ordinary == nullptr || result.ordinary->outcome == Outcome::local_error) {
        return Finding::nothing;
    }
    if (is_answered(result.kind, probe, *result.ordinary)) {
        return Finding::answered;
    }
    if (is_worse(result.kind, probe, *result.ordinary, probes)) {
        return Finding::worse;
    }
    // Of what could not be sent nothing can differ.
    if ((nothing_left(probe) && nothing_left(*result.ordinary)) || is_kept_here(probe)) {
        return Finding::nothing;
    }
    // What is acknowledged by now was dropped by chance before.
    const bool delivered_now = is_undelivered(*result.ordinary) && !is_undelivered(probe);
    return fails_alike(probe, *result.ordinary) && !delivered_now ? Finding::same : Finding::nothing;
}

const JudgedProbe* ordinary_at(const std::optional<IpAddress>& address, std::span<const JudgedProbe> probes) {
    const JudgedProbe* last = nullptr;
    for (const JudgedProbe& probe : probes) {
        if (address && probe.counts && probe.observation.address == address && probe.dns() == nullptr &&
            (last == nullptr || probe.observation.stage >= last->observation.stage)) {
            last = &probe;
        }
    }
    return last;
}

bool is(const FollowUpResult& result, FollowUp kind, Finding finding) {
    return result.kind == kind && result.finding == finding;
}

/// The second time the same connection does what it did not the first time.
bool differs_from_itself(const FollowUpResult& result) {
    return is(result, FollowUp::repeat, Finding::worse) ||
           (is(result, FollowUp::repeat, Finding::answered) && !passes(result.ordinary->outcome));
}

/// The large ClientHello arrived and was met with silence, and in small segments it is answered: no size explains both.
bool contradicts_itself(std::span<const FollowUpResult> results) {
    return std::ranges::any_of(results,
                               [](const FollowUpResult& result) {
                                   return is(result, FollowUp::large_hello, Finding::worse) &&
                                          result.probe->outcome == Outcome::timeout &&
                                          has_all_arrived(*result.probe);
                               }) &&
           std::ranges::any_of(results, [](const FollowUpResult& result) {
               return is(result, FollowUp::large_hello_segments, Finding::answered);
           });
}

/// What a test changes, as far as a single fault has only one of them to do with.
enum class Changed { nothing, header, size, name, version, protocol };

Changed changed_by(FollowUp kind) {
    switch (kind) {
        case FollowUp::proxy_v2:
            return Changed::header;
        case FollowUp::small_segments:
        case FollowUp::small_hello:
            return Changed::size;
        case FollowUp::other_name:
        case FollowUp::no_name:
        case FollowUp::alias_name:
        case FollowUp::linked_name:
            return Changed::name;
        case FollowUp::tls12_only:
            return Changed::version;
        case FollowUp::plain_text:
            return Changed::protocol;
        default:
            return Changed::nothing;
    }
}

/// Two changes helped, and each left the other one out: neither is the reason. Not so where what was sent never arrived:
/// any change of a ClientHello moves or shortens what a filter of packets looks at.
bool changes_disagree(std::span<const FollowUpResult> results) {
    std::set<Changed> helped;
    for (const FollowUpResult& result : results) {
        if (result.finding == Finding::answered && result.ordinary != nullptr &&
            !is_undelivered(*result.ordinary)) {
            helped.insert(changed_by(result.kind));
        }
    }
    helped.erase(Changed::nothing);
    return helped.size() > 1;
}

/// Where the same connection once passes and once fails, any other connection may have got further, or not so far, by
/// chance.
void forget_what_may_be_chance(std::vector<FollowUpResult>& results) {
    const bool comes_and_goes = std::ranges::any_of(results, differs_from_itself) ||
                                contradicts_itself(results) || changes_disagree(results);
    for (FollowUpResult& result : results) {
        const bool compares = result.kind != FollowUp::repeat && result.kind != FollowUp::local_acceptor;
        if (comes_and_goes && compares && result.probe->dns() == nullptr) {
            const bool helped = result.finding == Finding::answered || result.arrives;
            result.by_chance = helped && result.ordinary != nullptr && !passes(result.ordinary->outcome);
            result.finding = Finding::nothing;
            result.arrives = false;
        }
    }
}

}  // namespace

std::vector<FollowUpResult> follow_up_results(const Assessment& round) {
    std::vector<FollowUpResult> results;
    for (const JudgedFollowUp& test : round.follow_ups) {
        FollowUpResult result{test.kind, Finding::nothing, &test.probe,
                              ordinary_at(test.probe.observation.address, round.probes), test.host};
        result.finding = finding_of(result, round.probes);
        result.arrives = result.ordinary != nullptr && is_undelivered(*result.ordinary) &&
                         has_arrived(test.probe) && !is_undelivered(test.probe);
        results.push_back(result);
    }
    forget_what_may_be_chance(results);
    return results;
}

std::string_view speaker_of(const JudgedProbe& probe) {
    const auto* app = probe.app();
    if (probe.dns() != nullptr || (app != nullptr && app->reply == AppReply::wants_tls)) {
        return {};
    }
    const std::string_view bytes = first_bytes_of(probe);
    return is_tls_record(bytes) || is_proxy_header(bytes) ? std::string_view() : looks_like(bytes);
}

bool found_something(const FollowUpResult& result) {
    const bool leads_elsewhere = result.kind == FollowUp::search_name && result.finding == Finding::answered;
    const bool control = result.kind == FollowUp::control_port || result.kind == FollowUp::control_address ||
                         result.kind == FollowUp::local_acceptor;
    return result.finding == Finding::worse || leads_elsewhere ||
           (control && result.finding == Finding::answered);
}

bool sent_proxy_header(std::span<const JudgedProbe> probes) {
    return std::ranges::any_of(probes, [](const JudgedProbe& probe) {
        const auto* tcp = probe.tcp();
        return tcp != nullptr && tcp->proxy_header != probes::ProxyHeaderSent::none;
    });
}

}  // namespace whylink::checks
