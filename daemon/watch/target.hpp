// One watched target: what its rounds add up to.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/surroundings/damping.hpp"
#include "checks/surroundings/known_past.hpp"
#include "checks/surroundings/siblings.hpp"
#include "checks/surroundings/slow_connects.hpp"
#include "daemon/control/failing_since.hpp"
#include "daemon/control/readings.hpp"
#include "daemon/followups/memory.hpp"
#include "daemon/history/records.hpp"
#include "daemon/watch/schedule.hpp"
#include "daemon/watch/shown_addresses.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// A round that has ended.
struct FinishedRound {
    probes::Round measured;
    std::chrono::system_clock::time_point started;
    std::chrono::nanoseconds took{};
    std::chrono::steady_clock::time_point ended;
    /// The whole process stood still for a while during the round (a host that was suspended): time-outs passed
    /// in which nobody looked whether there was an answer.
    bool paused = false;
    bool named = false;  ///< the names of the round say more of the target than its config (Measured::target)
    TargetReadingsPtr readings = {};  ///< what accounts say of the target by now; null: nothing
};

/// Not thread-safe: of the event loop. What it publishes is immutable.
class Target {
  public:
    Target(Schedule::Id id, config::TargetPtr what);

    const config::TargetPtr& what() const { return what_; }
    const TargetStatusPtr& status() const { return status_; }
    bool has_verdict() const { return status_->verdict != nullptr; }

    /// Its health as of an earlier run of the daemon: the first round that agrees with it goes on from there.
    void remember(StoredHealth health) { remembered_ = health; }
    /// What the history makes of the latest round.
    void set_history(TargetHistoryPtr history);

    /// Other labels, interval or thresholds: state and history go on.
    void adjust(config::TargetPtr what);
    /// Another target of the same name: starts without a history. Results of rounds that are under way are stale then.
    void replace(config::TargetPtr what);
    /// Counts up with every replace(): a round compares it when it ends.
    std::uint32_t version() const { return version_; }

    /// Of its rounds' follow-up tests; a round that is under way keeps it beyond a replace().
    const std::shared_ptr<FollowUpMemory>& follow_ups() const { return follow_ups_; }

    /// A connection that was held idle: it is judged with the rounds to come, until the next one is there or
    /// it is older than two of its intervals.
    void held(probes::HeldConnection connection, std::chrono::steady_clock::time_point ended);

    /// Judges the round, together with what the siblings tell and the rounds before, and publishes the new
    /// status. False for a round that failed over a pause, which says more about this host than about the
    /// target: nothing changes then. Neither the first round nor two in a row, or a host that is always behind
    /// would be silent.
    /// `recall` is asked when the round fails; without it nothing is remembered.
    bool round_ended(FinishedRound round, checks::Siblings& siblings, const checks::RecallPast& recall = {});

    /// The packets of the latest round are worth keeping: it failed, and they show something new. That is the
    /// first of an outage, and every other cause after it.
    bool wants_evidence() const;
    /// Says where they are; empty when that is no longer true.
    void set_evidence(std::string file);

  private:
    checks::Verdict judge(const config::Target& seen, checks::Assessment shown, const FinishedRound& round,
                          checks::Siblings& siblings, const checks::RecallPast& recall);
    void add_held(FinishedRound& round);
    std::optional<std::chrono::system_clock::time_point> last_healthy() const;
    void go_on_from_remembered(Standing& standing);
    bool outage_is_over(const checks::Verdict& verdict) const;
    void count_probes(const checks::Verdict& verdict, std::vector<ProbeCount>& counts) const;

    Schedule::Id id_;
    config::TargetPtr what_;
    std::uint32_t version_ = 0;
    bool left_out_ = false;  ///< the latest round, over a pause
    checks::Health health_;
    checks::SlowConnects slow_connects_;
    FailingSince failing_since_;
    ShownAddresses shown_addresses_{std::chrono::steady_clock::now()};
    std::shared_ptr<FollowUpMemory> follow_ups_ = std::make_shared<FollowUpMemory>();
    probes::Rare<probes::HeldConnection> held_;
    std::chrono::steady_clock::time_point held_until_;  ///< when it is of no more interest
    probes::Rare<StoredHealth> remembered_;             ///< until a round could be made
    /// Of this outage, the cause whose packets were kept last.
    std::optional<Cause> evident_;
    TargetStatusPtr status_;
};

}  // namespace whylink::daemon
