#include "daemon/control/read_schedule.hpp"

#include <algorithm>
#include <utility>

namespace whylink::daemon {

void ReadSchedule::failing(control::Time since, Clock::time_point now) {
    if (read_at_ && since <= *read_at_) {
        return;
    }
    if (wanted_ && since <= *wanted_) {
        return;
    }
    wanted_ = since;
    const auto soon = now + pace_.gather;
    due_ = std::min(due_, begun_ ? std::max(soon, *begun_ + pace_.least_between) : soon);
}

std::optional<control::Time> ReadSchedule::begin(control::Time at, Clock::time_point now) {
    begun_ = now;
    read_at_ = at;
    due_ = Clock::time_point::max();
    return std::exchange(wanted_, std::nullopt);
}

void ReadSchedule::ended(bool complete, Clock::time_point now) {
    const auto regular = now + (complete ? interval_ : std::min(interval_, pace_.retry));
    due_ = std::min(due_, regular);
    if (wanted_) {
        due_ = std::min(due_, std::max(now, *begun_ + pace_.least_between));
    }
}

}  // namespace whylink::daemon
