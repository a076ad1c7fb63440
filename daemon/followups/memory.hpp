// When an endpoint's follow-up tests are made, and what they showed last.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "checks/table/facts.hpp"
#include "config/address.hpp"
#include "daemon/followups/routine.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {

/// How a round failed, without what varies from round to round although nothing has changed.
struct FailurePicture {
    checks::FactSet facts;
    std::set<IpAddress> addresses;  ///< of the endpoint: a follow-up test is about one of them
    bool operator==(const FailurePicture&) const = default;
};

/// Of the facts of a round (those without follow-up tests) the ones that decide which failure it is. How soon a
/// refusal came, whether an end was RST or FIN, and what the capture happened to see or to miss is left out.
FailurePicture picture_of(checks::FactSet facts, std::set<IpAddress> addresses);

/// Of one target, from round to round: follow-up tests are made at a new or changed failure, and then at most
/// once in `rounds_between`. In between their results stand, as long as the failure looks the same, or the
/// diagnosis would fall back to what it was before them. A failure that takes turns with another one is not
/// a new one each time. Of the event loop.
class FollowUpMemory {
  public:
    static constexpr unsigned rounds_between = 10;
    /// Failures that are remembered; no more than so many are looked into within `rounds_between` rounds.
    static constexpr std::size_t max_pictures = 4;
    /// Where the results cannot be renewed, they stand for so many rounds and then say nothing any more.
    static constexpr unsigned rounds_standing = 2 * rounds_between;

    /// Whether they are due for a round that failed like this.
    bool due(const FailurePicture& picture) const;
    /// They were made in a round of this picture. Nothing is kept when there are no results.
    void made(const FailurePicture& picture, std::vector<probes::FollowUpTest> results);
    /// A round of this picture ended without new ones: what stands of the earlier ones.
    std::vector<probes::FollowUpTest> standing(const FailurePicture& picture);
    /// A round passed, or what was found cannot be relied upon: the next failure is a new one.
    void forget() { made_.clear(); }
    /// Of rounds that pass.
    RoutineMemory& routine() { return routine_; }

  private:
    struct Made {
        FailurePicture picture;
        std::vector<probes::FollowUpTest> results;
        unsigned rounds_ago = 0;
    };
    void age();
    const Made* find(const FailurePicture& picture) const;

    std::vector<Made> made_;
    RoutineMemory routine_;
};

}  // namespace whylink::daemon
