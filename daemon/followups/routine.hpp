// When the follow-up tests of rounds that pass are made, and what they showed last.
#pragma once

#include <chrono>
#include <set>
#include <span>
#include <vector>

#include "checks/followups/plan.hpp"
#include "config/address.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {

/// Of one target, from round to round; of the event loop. What a test found stands until it is repeated, or the target
/// has other addresses: another address is another path. What found nothing is told by its own round alone, for it changes
/// no later verdict, and would be judged and kept for each target. Nothing is kept across restarts.
class RoutineMemory {
  public:
    using Clock = std::chrono::steady_clock;
    using Addresses = std::set<IpAddress>;
    using Kinds = std::set<probes::FollowUp>;
    static constexpr std::chrono::hours between{24};
    /// While a test finds something, or where its pace says so.
    static constexpr unsigned rounds_between = 10;

    /// A round failed: what broke and was mended may have changed what the daily tests showed. They are due again in a
    /// round that passes, ten rounds after they were made at the soonest, so that a target that flaps does not pay for
    /// them each time.
    void failed();
    /// A round passed with these addresses. Whether any test may be due: false for most rounds, which then cost no more
    /// than this.
    bool is_time(const Addresses& addresses, Clock::time_point now);
    /// Takes out what is not due.
    void keep_due(std::vector<checks::PlannedFollowUp>& plan, Clock::time_point now) const;
    /// All of `plan`, which may be empty, was made now. `found` are the kinds that found something.
    void made(std::span<const checks::PlannedFollowUp> plan, std::span<const probes::FollowUpTest> results,
              const Kinds& found, Clock::time_point now);
    /// What the tests of earlier rounds showed: those that were not made in this one.
    std::vector<probes::FollowUpTest> standing() const;

  private:
    struct Made {
        probes::FollowUp kind = probes::FollowUp::proxy_v2;
        checks::Pace pace = checks::Pace::passing_daily;
        Clock::time_point at{};
        unsigned rounds_ago = 0;
        bool found = false;
        bool before_failure = false;  ///< a round has failed since
        std::vector<probes::FollowUpTest> results;
    };
    static bool is_due(const Made& made, Clock::time_point now);

    std::vector<IpAddress> addresses_;  ///< sorted
    bool planned_before_ = false;
    Clock::time_point planned_at_{};
    std::vector<Made> made_;  ///< each kind once
};

}  // namespace whylink::daemon
