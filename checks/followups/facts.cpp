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

}  // namespace

void apply_follow_ups(FactSet& facts, const config::Endpoint& endpoint, const Assessment& round) {
    const std::vector<FollowUpResult> results = follow_up_results(round);
    if (!results.empty()) {
        facts.erase_all(explained_by(results, endpoint, round));
        facts.insert_all(shown_by(results, endpoint));
        if (is_acceptor_known(round)) {
            facts.erase(translation_open);
        }
        facts.insert_all(acceptor_facts(round));
    }
}

}  // namespace whylink::checks
