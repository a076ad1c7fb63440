// What each follow-up test showed, by comparison with the ordinary probe that it differs from in one thing.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::checks {

enum class Finding {
    nothing,   ///< another failure, or a fault of this host: it says nothing
    answered,  ///< it got further, as only the thing that was changed explains
    same,      ///< it fails just the same
    worse,     ///< the ordinary one passes, and it does not
};

struct FollowUpResult {
    probes::FollowUp kind = probes::FollowUp::proxy_v2;
    Finding finding = Finding::nothing;
    const JudgedProbe* probe = nullptr;     ///< never null
    const JudgedProbe* ordinary = nullptr;  ///< the last at the same address; null: of a query, or none
    std::string_view host = {};             ///< as in JudgedFollowUp
    /// What was sent has arrived, and nothing of what the ordinary connection sent.
    bool arrives = false;
    /// It showed something, which says nothing: the same connection both passes and fails, or so do changes that leave
    /// each other out.
    bool by_chance = false;
};

/// In the order of the round's follow-up tests.
std::vector<FollowUpResult> follow_up_results(const Assessment& round);

/// What the server's bytes name in any test: "HTTP". Empty where they name nothing, are TLS, or say that TLS is wanted.
std::string_view speaker_of(const JudgedProbe& probe);
/// Of a round that passes: it shows who is not served, so that the test is repeated sooner.
bool found_something(const FollowUpResult& result);

/// The ordinary connections began with a PROXY header, so that `proxy_v2` was made without.
bool sent_proxy_header(std::span<const JudgedProbe> probes);

}  // namespace whylink::checks
