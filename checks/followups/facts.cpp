#include "checks/followups/facts.hpp"

#include <algorithm>

#include "checks/followups/followups.hpp"
#include "checks/followups/plain_text_app.hpp"
#include "checks/followups/results.hpp"
#include "checks/stages/addresses.hpp"

namespace whylink::checks {
namespace {

using F = Fact;
using probes::FollowUp;

/// What is ambiguous by itself, and is no longer once the follow-up test got further.
FactSet may_explain(FollowUp kind, bool header_configured) {
    switch (kind) {
        case FollowUp::proxy_v2: {
            FactSet facts{F::accepted_then_reset,   F::accepted_then_closed, F::reset_unexamined,
                          F::reset_maybe_by_device, F::tls_silent,           F::app_silent,
                          F::full_size_open};
            if (header_configured) {
                facts.insert_all({F::not_tls, F::plain_http, F::app_other_protocol, F::app_unexpected,
                                  F::app_bad_request});
            }
            return facts;
        }
        case FollowUp::small_segments:
            return {F::tls_silent, F::tls_stalled, F::app_silent, F::app_stalled, F::full_size_open};
        case FollowUp::plain_text:
            return {F::accepted_then_reset,   F::accepted_then_closed, F::reset_unexamined,
                    F::reset_maybe_by_device, F::tls_silent,           F::full_size_open};
        default:
            return {};
    }
}

FactSet shown_at(const IpAddress& address, std::span<const AddressState> states) {
    const auto state =
        std::ranges::find_if(states, [&](const AddressState& s) { return s.address == address; });
    return state == states.end() ? FactSet() : summarise_address(*state);
}

struct Tally {
    bool answered = false;
    bool same = false;
    bool nothing = false;
};

Tally tally_of(FollowUp kind, std::span<const FollowUpResult> results) {
    Tally tally;
    for (const FollowUpResult& result : results) {
        if (result.kind != kind) {
            continue;
        }
        tally.answered = tally.answered || result.finding == Finding::answered;
        tally.same = tally.same || result.finding == Finding::same;
        tally.nothing = tally.nothing || result.finding == Finding::nothing;
    }
    return tally;
}

/// Of several doors one may have been left unknown; where one opened that does not matter.
bool says_same(FollowUp kind, const Tally& tally, const config::Target& target) {
    // Silence towards a guess excludes only the guess.
    const bool guessed = kind == FollowUp::plain_text && !plain_text_app(*target.endpoint()).known;
    const bool partly = kind == FollowUp::other_port || kind == FollowUp::other_address;
    return tally.same && !tally.answered && !guessed && !(partly && tally.nothing);
}

}  // namespace

FactSet summarise_follow_ups(const config::Target& target, const Assessment& round) {
    FactSet facts;
    const std::vector<FollowUpResult> results = follow_up_results(round);
    if (target.endpoint() == nullptr || results.empty()) {
        return facts;
    }
    for (const FollowUpFacts& row : follow_up_facts()) {
        const Tally tally = tally_of(row.kind, results);
        facts.insert_if(tally.answered, row.answered);
        if (row.same) {
            facts.insert_if(says_same(row.kind, tally, target), *row.same);
        }
    }
    return facts;
}

FactSet explained_by_follow_ups(const config::Target& target, const Assessment& round) {
    FactSet explained;
    const std::vector<FollowUpResult> results = follow_up_results(round);
    if (target.endpoint() == nullptr || results.empty()) {
        return explained;
    }
    const std::vector<AddressState> states = address_states(target, round);
    const bool header_configured = target.endpoint()->proxy_protocol != config::ProxyProtocol::none;
    for (const FollowUpResult& result : results) {
        if (result.finding == Finding::answered && result.probe->observation.address) {
            explained.insert_all(shown_at(*result.probe->observation.address, states)
                                     .intersection(may_explain(result.kind, header_configured)));
        }
    }
    return explained;
}

}  // namespace whylink::checks
