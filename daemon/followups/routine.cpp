#include "daemon/followups/routine.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace whylink::daemon {
namespace {

/// That nobody on this host took the connection settles what would be open again without it.
bool stands(probes::FollowUp kind, const RoutineMemory::Kinds& found) {
    return found.contains(kind) || kind == probes::FollowUp::local_acceptor;
}

}  // namespace

using checks::Pace;
using checks::PlannedFollowUp;
using probes::FollowUpTest;

bool RoutineMemory::is_due(const Made& made, Clock::time_point now) {
    if (made.pace == Pace::every_round) {
        return true;
    }
    const bool soon = made.found || made.before_failure || made.pace == Pace::passing;
    return soon ? made.rounds_ago >= rounds_between : now - made.at >= between;
}

void RoutineMemory::failed() {
    for (Made& made : made_) {
        ++made.rounds_ago;
        made.before_failure = true;
    }
}

bool RoutineMemory::is_time(const Addresses& addresses, Clock::time_point now) {
    if (!std::ranges::equal(addresses, addresses_)) {
        addresses_.assign(addresses.begin(), addresses.end());
        made_.clear();
        planned_before_ = false;
    }
    for (Made& made : made_) {
        ++made.rounds_ago;
    }
    return !planned_before_ || now - planned_at_ >= between ||
           std::ranges::any_of(made_, [now](const Made& made) { return is_due(made, now); });
}

void RoutineMemory::keep_due(std::vector<PlannedFollowUp>& plan, Clock::time_point now) const {
    std::erase_if(plan, [&](const PlannedFollowUp& planned) {
        const auto known = std::ranges::find(made_, planned.kind, &Made::kind);
        return known != made_.end() && !is_due(*known, now);
    });
}

void RoutineMemory::made(std::span<const PlannedFollowUp> plan, std::span<const FollowUpTest> results,
                         const Kinds& found, Clock::time_point now) {
    planned_before_ = true;
    planned_at_ = now;
    for (const PlannedFollowUp& planned : plan) {
        std::erase_if(made_, [&](const Made& made) { return made.kind == planned.kind; });
        Made& made = made_.emplace_back(
            Made{planned.kind, planned.pace, now, 0, found.contains(planned.kind), false, {}});
        std::ranges::copy_if(results, std::back_inserter(made.results), [&](const FollowUpTest& test) {
            return test.kind == planned.kind && stands(test.kind, found);
        });
    }
}

std::vector<FollowUpTest> RoutineMemory::standing() const {
    std::vector<FollowUpTest> results;
    for (const Made& made : made_) {
        if (made.rounds_ago > 0) {
            results.insert(results.end(), made.results.begin(), made.results.end());
        }
    }
    return results;
}

}  // namespace whylink::daemon
