#include "checks/followups/facts.hpp"

#include <algorithm>

#include "checks/followups/plain_text_app.hpp"
#include "checks/followups/results.hpp"
#include "checks/followups/table.hpp"
#include "checks/stages/addresses.hpp"

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
            return {tls_silent, tls_stalled, app_silent, app_stalled, full_size_open};
        case FollowUp::plain_text:
            return {accepted_then_reset,   accepted_then_closed, reset_unexamined,
                    reset_maybe_by_device, tls_silent,           full_size_open};
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
    const bool one_of_several = kind == FollowUp::other_port || kind == FollowUp::other_address;
    return has(kind, Finding::same, results) && !has(kind, Finding::answered, results) && !guessed &&
           !(one_of_several && has(kind, Finding::nothing, results));
}

FactSet shown_by(std::span<const FollowUpResult> results, const config::Endpoint& endpoint) {
    FactSet facts;
    for (const FollowUpFacts& row : follow_up_facts()) {
        facts.insert_if(has(row.kind, Finding::answered, results), row.answered);
        if (row.same) {
            facts.insert_if(says_same(row.kind, results, endpoint), *row.same);
        }
    }
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
    }
}

}  // namespace whylink::checks
