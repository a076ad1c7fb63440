// The history beside the event loop: what is new is written by a thread of its own, because a disk may hang. While it
// cannot be written, it is kept in memory as far as there is room.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "config/config.hpp"
#include "daemon/history/host_traits.hpp"
#include "daemon/history/store.hpp"
#include "daemon/history/tracker.hpp"
#include "daemon/system/worker.hpp"
#include "daemon/watch/plan.hpp"
#include "daemon/watch/snapshot.hpp"

namespace whylink::daemon {

/// Of the event loop's thread.
class HistoryKeeper {
  public:
    using Clock = std::chrono::steady_clock;
    /// What waits for the disk; beyond it the oldest rounds are dropped first, and counted.
    static constexpr std::size_t max_rounds = 50'000;
    static constexpr std::size_t max_others = 50'000;  ///< of each other kind of record

    struct Hooks {
        /// For the log: the history cannot be written, or can again.
        std::function<void(bool good, std::string text)> say;
        /// Runs a job in the background that reads files of the kernel; false when it cannot now.
        std::function<bool(std::function<void()>)> beside;
        /// The outages that named these files are no longer remembered; may be empty.
        std::function<void(std::vector<std::string> files)> drop_evidence = {};
    };
    HistoryKeeper(asio::io_context& loop, Hooks hooks);
    ~HistoryKeeper();
    HistoryKeeper(const HistoryKeeper&) = delete;
    HistoryKeeper& operator=(const HistoryKeeper&) = delete;

    /// Before the loop runs: reads what is known, which may take a second.
    void start(const config::History& settings, const std::filesystem::path& directory);
    /// A new configuration, before it is taken over; `before` are the targets that its plan was made from.
    void configure(const config::History& settings, const Plan& plan,
                   std::span<const config::TargetPtr> before);
    /// As HistoryTracker has them.
    TargetHistoryPtr round_ended(const TargetStatus& status);
    checks::KnownPast past_of(const std::string& name, const checks::Assessment& round) const {
        return tracker_.past_of(name, round, Clock::now());
    }
    std::optional<StoredHealth> health_of(const std::string& name) const { return tracker_.health_of(name); }
    void evidence_gone(const std::vector<std::string>& files) { tracker_.evidence_gone(files); }
    /// About once a second.
    void tick();
    /// The daemon ends: gives the disk a moment to take what is new.
    void end();
    /// None while it is switched off.
    std::optional<HistoryStatus> status() const;

  private:
    void look_at_host();
    void host_seen(const Traits& seen);
    bool due(Clock::time_point now) const;
    void write(Clock::time_point now);
    /// What came of one on the writer's thread.
    struct Written {
        std::string fault;  ///< empty: it is on the disk
        std::vector<std::string> remarks;
        std::vector<std::string> dropped_evidence;
    };
    void written(const std::shared_ptr<HistoryBatch>& batch, Written result);
    void say_fault(const std::string& fault);
    void trim();

    asio::io_context& loop_;
    Hooks hooks_;
    HistoryTracker tracker_;
    ClockWatch clock_;
    std::shared_ptr<HistoryStore> store_;  ///< of the writer's thread once the loop runs; null: switched off
    std::filesystem::path directory_;
    HistoryLimits limits_;
    HistoryBatch waiting_;
    std::shared_ptr<HistoryBatch> under_way_;
    std::shared_ptr<FirewallHash> firewall_ =
        std::make_shared<FirewallHash>();  ///< of whoever looks at the host
    bool looking_ = false;                 ///< at the host
    Clock::time_point next_look_{};
    Clock::time_point written_at_{};
    Clock::time_point retry_at_{};
    HistoryStatus status_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    /// Last, so that it ends first.
    std::unique_ptr<Worker> writer_;
};

}  // namespace whylink::daemon
