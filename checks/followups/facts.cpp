#include "checks/followups/facts.hpp"

#include <algorithm>
#include <cstdint>

#include "checks/followups/plain_text_app.hpp"
#include "checks/followups/query_results.hpp"
#include "checks/followups/results.hpp"
#include "checks/followups/table.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/connects.hpp"
#include "checks/stages/host.hpp"
#include "checks/stages/packets/delivery.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using probes::FollowUp;

/// What is ambiguous by itself, and is no longer once the follow-up test got further.
FactSet may_explain(FollowUp kind, bool header_configured) {
    switch (kind) {
        case FollowUp::proxy_v2: {
            FactSet facts{accepted_then_reset, accepted_then_closed, reset_unexamined, reset_maybe_by_device,
                          tls_silent,          app_silent,           full_size_open};
            if (header_configured) {
                facts.insert_all({not_tls, plain_http, app_other_protocol, app_unexpected, app_bad_request});
            }
            return facts;
        }
        case FollowUp::small_segments:
            return {tls_silent,         tls_stalled,     app_silent,    app_stalled,
                    data_never_arrives, later_data_lost, full_size_open};
        case FollowUp::plain_text:
            return {accepted_then_reset,   accepted_then_closed, reset_unexamined,
                    reset_maybe_by_device, tls_silent,           full_size_open};
        case FollowUp::tls12_only:
            return {accepted_then_reset, accepted_then_closed, tls_silent, full_size_open,
                    tls_alert,           tls_mismatch};
        case FollowUp::local_acceptor:
            return {way_unseen,     reset_unexamined, reset_maybe_by_device, reset_by_device,
                    full_size_open, large_maybe_lost, tcp_refused_at_once};
        case FollowUp::alias_name:
        case FollowUp::linked_name:
            return {tls_alert};
        default:
            return {};
    }
}

FactSet shown_at(const IpAddress& address, std::span<const AddressState> states) {
    const auto state = std::ranges::find(states, address, &AddressState::address);
    return state == states.end() ? FactSet() : summarise_address(*state);
}

bool has(FollowUp kind, Finding finding, std::span<const FollowUpResult> results) {
    return std::ranges::any_of(results, [=](const FollowUpResult& result) {
        return result.kind == kind && result.finding == finding;
    });
}

/// Of several doors one may have been left unknown; where one opened that does not matter.
bool says_same(FollowUp kind, std::span<const FollowUpResult> results, const config::Endpoint& endpoint) {
    // Silence towards a guess excludes only the guess.
    const bool guessed = kind == FollowUp::plain_text && !plain_text_app(endpoint).known;
    const bool one_of_several =
        kind == FollowUp::other_port || kind == FollowUp::other_address || kind == FollowUp::linked_name;
    return has(kind, Finding::same, results) && !has(kind, Finding::answered, results) && !guessed &&
           !(one_of_several && has(kind, Finding::nothing, results));
}

/// What the middlebox looks at, where only the connection that differs in it arrives.
std::optional<Fact> dropped_by(FollowUp kind) {
    switch (kind) {
        case FollowUp::no_name:
        case FollowUp::other_name:
        case FollowUp::alias_name:
        case FollowUp::linked_name:
            return Fact::name_dropped;
        case FollowUp::small_hello:
            return Fact::size_dropped;
        case FollowUp::tls12_only:
            return Fact::version_dropped;
        case FollowUp::plain_text:
            return Fact::protocol_dropped;
        default:
            return std::nullopt;
    }
}

/// The ordinary connection shows no loss at all: a hung target takes what it is sent, too.
bool follows_mere_silence(const FollowUpResult& result) {
    if (result.kind != FollowUp::small_segments || result.finding != Finding::answered) {
        return false;
    }
    const JudgedProbe& before = *result.ordinary;
    const std::uint64_t received = before.tls() != nullptr   ? before.tls()->bytes_received
                                   : before.app() != nullptr ? before.app()->bytes_received
                                                             : 0;
    return received == 0 && !nothing_arrived(before) && !partly_arrived(before);
}

/// One of three targets that fails is met four times in a row once in 27 of its failures. Another name and a header that
/// fail the same way are further connections that failed.
bool is_steady(std::span<const FollowUpResult> results) {
    constexpr std::ptrdiff_t repeats = 2;
    constexpr std::ptrdiff_t connections = 3;
    const auto fail_alike = [results](auto is_meant) {
        return std::ranges::count_if(results, [&](const FollowUpResult& result) {
            return result.finding == Finding::same && is_meant(result.kind);
        });
    };
    const auto again = fail_alike([](FollowUp kind) { return kind == FollowUp::repeat; });
    const auto all = fail_alike([](FollowUp kind) {
        return kind == FollowUp::repeat || kind == FollowUp::other_name || kind == FollowUp::proxy_v2;
    });
    return again >= repeats || all >= connections;
}

/// A target that hangs takes what it is sent, and one that resets does so whatever the size. Two resets beside two
/// handshakes that pass are hardly chance.
bool may_be_a_failing_target(std::span<const FollowUpResult> results) {
    return std::ranges::any_of(results, [results](const FollowUpResult& result) {
        const JudgedProbe& probe = *result.probe;
        const bool silent = probe.outcome == Outcome::timeout && has_all_arrived(probe);
        const bool once = probe.outcome == Outcome::pending_allowlist &&
                          !has(FollowUp::large_hello_segments, Finding::worse, results);
        return result.kind == FollowUp::large_hello && result.finding == Finding::worse && (silent || once);
    });
}

FactSet shown_by(std::span<const FollowUpResult> results, const config::Endpoint& endpoint) {
    FactSet facts;
    for (const FollowUpFacts& row : follow_up_facts()) {
        facts.insert_if(has(row.kind, Finding::answered, results), row.answered);
        if (row.worse) {
            facts.insert_if(has(row.kind, Finding::worse, results), *row.worse);
        }
        if (row.same) {
            facts.insert_if(says_same(row.kind, results, endpoint), *row.same);
        }
    }
    for (const FollowUpResult& result : results) {
        if (const auto dropped = dropped_by(result.kind); dropped && result.arrives) {
            facts.insert(*dropped);
        }
        facts.insert_if(result.kind == FollowUp::repeat && waited_for_syn(*result.probe), Fact::syn_repeats);
        facts.insert_if(follows_mere_silence(result), Fact::small_segments_after_silence);
    }
    // What helped by chance shows of a round that fails that the failure comes and goes.
    facts.insert_if(std::ranges::any_of(results, &FollowUpResult::by_chance), repeat_answered);
    facts.insert_if(facts.contains(repeat_same) && !facts.contains(repeat_answered) && is_steady(results),
                    repeat_steady);
    facts.insert_if(may_be_a_failing_target(results), large_hello_received);
    // Bytes of the server count whatever test brought them.
    facts.insert_if(
        std::ranges::any_of(results, [](const FollowUpResult& r) { return !speaker_of(*r.probe).empty(); }),
        speaker_named);
    facts.insert_all(further_facts_of_queries(results));
    return facts;
}

FactSet explained_by(std::span<const FollowUpResult> results, const config::Endpoint& endpoint,
                     const Assessment& round) {
    FactSet explained;
    const std::vector<AddressState> states = address_states(endpoint, round);
    const bool header_configured = endpoint.proxy_protocol != config::ProxyProtocol::none;
    for (const FollowUpResult& result : results) {
        if (result.finding == Finding::answered && result.probe->observation.address) {
            explained.insert_all(shown_at(*result.probe->observation.address, states)
                                     .intersection(may_explain(result.kind, header_configured)));
        }
    }
    return explained;
}

/// The ACK of the handshake has no content that a filter could look at: the other connection met another target.
void weigh_lost_acknowledgement(FactSet& facts) {
    constexpr FactSet by_content{name_dropped, size_dropped, version_dropped, protocol_dropped};
    if (facts.contains(handshake_ack_lost) && facts.intersects(by_content)) {
        facts.erase_all(by_content);
        facts.insert(repeat_answered);
    }
}

}  // namespace

void apply_follow_ups(FactSet& facts, const config::Endpoint& endpoint, const Assessment& round) {
    const std::vector<FollowUpResult> results = follow_up_results(round);
    if (!results.empty()) {
        facts.erase_all(explained_by(results, endpoint, round));
        facts.insert_all(shown_by(results, endpoint));
        weigh_lost_acknowledgement(facts);
        if (is_acceptor_known(round)) {
            facts.erase(translation_open);
        }
        facts.insert_all(acceptor_facts(round));
    }
}

}  // namespace whylink::checks
