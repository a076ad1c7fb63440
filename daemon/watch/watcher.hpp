// Runs the rounds of all targets when they are due, and keeps what came of them.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "checks/surroundings/siblings.hpp"
#include "config/capacity.hpp"
#include "daemon/round/round.hpp"
#include "daemon/watch/holds.hpp"
#include "daemon/watch/pauses.hpp"
#include "daemon/watch/plan.hpp"
#include "daemon/watch/schedule.hpp"
#include "daemon/watch/snapshot.hpp"
#include "daemon/watch/target.hpp"

namespace whylink::daemon {

/// What rounds share as long as one configuration holds. Rounds that are under way keep that of before.
struct Generation {
    Generation() : context{tls, {}} {}
    probes::TlsContexts tls;
    RoundContext context;
};

/// Reads the files that the rounds of these targets need, so that no round waits for it. Takes tens of
/// milliseconds; beside the event loop, then.
std::shared_ptr<Generation> make_generation(const std::vector<config::TargetPtr>& targets);

/// Of the event loop's thread.
class Watcher {
  public:
    struct Observer {
        /// The packets of this round are worth keeping: where they will be, or empty.
        std::function<std::string(const TargetStatus&, probes::KeptFrames)> keep_evidence;
        /// What is known of a target of this name from before; may be empty.
        std::function<std::optional<StoredHealth>(const std::string& name)> recall = {};
        /// What is remembered of it when a round has failed and is not judged yet; may be empty.
        std::function<checks::KnownPast(const std::string& name, const checks::Assessment&)> past = {};
        /// What accounts say of a target of this name; may be empty.
        std::function<TargetReadingsPtr(const std::string& name)> readings = {};
        /// A round has ended and was judged: what it means for the target's history; may be empty.
        std::function<TargetHistoryPtr(const TargetStatus&)> remember = {};
        /// Likewise, and that is known.
        std::function<void(const TargetStatusPtr&)> round_ended;
        /// No longer watched, or made another target of the same name by a reload.
        std::function<void(config::TargetKind, const std::string& name)> removed;
        /// A round ended by an exception: a defect of ours.
        std::function<void(const std::string& name, const std::string& what)> round_broke;
    };

    /// `packets` may be null, and outlives the watcher.
    Watcher(asio::io_context& loop, PacketService* packets, Observer observer);
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    /// Takes a new configuration over, all at once. `plan` was made from targets().
    void apply(Plan plan, std::shared_ptr<Generation> generation, unsigned max_concurrent);
    /// Its next round comes now, if none is under way. False for a name that is not watched.
    bool check_now(const std::string& name);
    /// These evidence files are not there, or no longer.
    void evidence_gone(const std::vector<std::string>& files);
    /// What is watched now.
    std::vector<config::TargetPtr> targets() const;
    /// What its rounds share now; null before the first apply().
    std::shared_ptr<Generation> generation() const { return generation_; }

    /// In the order of the config. Valid until the next round ends.
    std::span<const TargetStatusPtr> statuses() const { return statuses_; }
    /// Without what is not the watcher's: vantage point, config, log, capture.
    Snapshot snapshot() const;
    std::size_t healthy() const { return healthy_; }
    Schedule::Pressure pressure(Schedule::Clock::time_point now) const { return schedule_.pressure(now); }
    /// By how long the latest rounds took; of those without one, as if a stage timed out.
    config::Load load() const;
    /// Every target had its first round.
    bool complete() const { return without_verdict_ == 0; }

  private:
    struct Slot {
        Target target;
        std::size_t position = 0;  ///< in statuses_; `gone` when no longer configured
        bool running = false;
    };
    static constexpr std::size_t gone = static_cast<std::size_t>(-1);

    Schedule::Id slot_for(const config::TargetPtr& what);
    void take_over(PlannedTarget planned, Schedule::Id id, std::size_t batch,
                   Schedule::Clock::time_point now);
    void remove(Schedule::Id id);
    void release(Schedule::Id id);
    void recount();

    void start_due();
    void arm();
    void beat();
    void start(Schedule::Start start);
    /// Without a round when it broke.
    void ended(Schedule::Id id, std::uint32_t version, std::optional<FinishedRound> round,
               probes::KeptFrames frames);
    checks::RecallPast recall_of(const Target& target) const;
    void count(const TargetStatus& status);
    bool on_time() const;
    void publish(Slot& slot);
    Holds::Host holds_host();

    asio::io_context& loop_;
    PacketService* packets_;
    Observer observer_;
    Schedule schedule_;
    asio::steady_timer wake_;
    asio::steady_timer beat_;
    Pauses pauses_{Schedule::Clock::now()};
    std::shared_ptr<Generation> generation_;
    checks::Siblings siblings_;
    std::vector<std::unique_ptr<Slot>> slots_;  ///< by id
    std::vector<Schedule::Id> free_;
    std::unordered_map<std::string, Schedule::Id> by_name_;
    Holds holds_;
    std::vector<Schedule::Id> order_;
    std::vector<TargetStatusPtr> statuses_;
    Totals totals_;
    std::shared_ptr<FollowUpBudget> follow_ups_ = std::make_shared<FollowUpBudget>();
    Schedule::Clock::duration latest_lag_{};
    std::uint64_t missed_ = 0;  ///< rounds that count for nothing, because of a pause
    std::size_t healthy_ = 0;
    std::size_t without_verdict_ = 0;
};

}  // namespace whylink::daemon
