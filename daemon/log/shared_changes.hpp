// A change that several targets failed after, such as a reload or a firewall rule of this host: said once, for all of them.
// Pure over the times that it is given.
#pragma once

#include <chrono>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "daemon/history/change.hpp"
#include "daemon/log/record.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

class SharedChanges {
  public:
    using Clock = std::chrono::steady_clock;
    /// From the first failure after a change until it is said which targets failed.
    static constexpr std::chrono::seconds gathering{15};

    /// A round of a target that fails has ended.
    void add(const TargetStatus& status, Clock::time_point now);
    /// The target that failed first after the same changes, where there is one; it is not this one.
    std::string first_after_same(const TargetStatus& status) const;
    /// One record for each change that two targets or more failed after.
    std::vector<Record> take_due(Clock::time_point now);

  private:
    struct Shared {
        Change change;
        Clock::time_point due;
        std::string first;              ///< of the targets
        std::set<std::string> targets;  ///< until it is said
        bool said = false;
    };
    const Shared* find(const Change& change) const;

    std::deque<Shared> all_;  ///< the latest ones, the oldest first
};

}  // namespace whylink::daemon
