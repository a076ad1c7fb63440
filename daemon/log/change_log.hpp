// Decides what of the targets' states is worth a line: changes at once, the unchanged seldom, and never more
// than a bounded number, whatever breaks. Pure over the times that it is given.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "checks/explain/explain.hpp"
#include "daemon/log/record.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

class ChangeLog {
  public:
    using Clock = std::chrono::steady_clock;

    /// checks::explain(), but for tests.
    using Explain = std::function<checks::Explanation(const config::Target&, const checks::Verdict&)>;

    ChangeLog(std::function<void(Record)> sink, Clock::time_point now, Explain explain = checks::explain);
    ~ChangeLog();
    ChangeLog(const ChangeLog&) = delete;
    ChangeLog& operator=(const ChangeLog&) = delete;

    /// A round has ended. A change of health, cause or confidence is told at once, with cause, evidence and
    /// remediation; a first round that finds the target plainly healthy is told at level debug, and so is
    /// each follow-up test that the round made, within a bound of its own. `status` has a verdict, and is kept.
    void round_ended(TargetStatusPtr status, Clock::time_point now);
    /// The target is no longer configured.
    void removed(config::TargetKind kind, const std::string& name);
    /// To be called every second or so: what several targets failed after, the reminder of what has been unhealthy for another hour, the summary
    /// of the day, and how much was left out for the bound.
    void tick(std::span<const TargetStatusPtr> targets, Clock::time_point now);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::daemon
