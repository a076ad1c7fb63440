// What is said of each follow-up test and of its results: followups.toml.
#pragma once

#include <span>
#include <string>

#include "probes/round.hpp"

namespace whylink::checks {

struct FollowUpText {
    probes::FollowUp kind;
    std::string done;         ///< what is done
    std::string if_answered;  ///< what it shows when it gets further than the ordinary probe did
    std::string if_same;      ///< when it fails just the same; empty: nothing
    std::string if_worse;     ///< when it fails and the ordinary probe passes; empty: nothing
};

/// In the order of the enumeration. Read when first asked for.
std::span<const FollowUpText> follow_up_texts();
const FollowUpText& text(probes::FollowUp kind);

}  // namespace whylink::checks
