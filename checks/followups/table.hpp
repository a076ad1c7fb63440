// Follow-up tests: after which facts which further connection or query tells the causes apart. A table as data;
// plan.hpp says what is to be done, the daemon layer does it, and results.hpp and facts.hpp make facts of it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "checks/followups/pace.hpp"
#include "checks/table/facts.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

/// What the results of a follow-up test add.
struct FollowUpFacts {
    probes::FollowUp kind;
    Fact answered;             ///< when it gets further than the ordinary probe did
    std::optional<Fact> same;  ///< when it fails just the same; absent: that says nothing
    std::optional<Fact> worse =
        {};  ///< when it fails and the ordinary probe passes; absent: that says nothing
};

/// In the order of the enumeration.
std::span<const FollowUpFacts> follow_up_facts();

/// `when` speaks of what one address shows, of the names, or of the target; all that is about an address must
/// hold of the same one.
struct FollowUpRow {
    probes::FollowUp kind;
    FactSet when;    ///< all of these hold
    FactSet unless;  ///< and none of these
    /// For people: "not on the allow-list ↔ the server waits for a PROXY header".
    std::string_view tells_apart;
    Pace pace = Pace::failing;
};

/// In the order in which they are made when not all can be.
std::span<const FollowUpRow> follow_up_rows();

}  // namespace whylink::checks
