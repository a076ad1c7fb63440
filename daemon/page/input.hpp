// What a page is made of. The functions that make one are pure: the same input gives the same text.
#pragma once

#include <string_view>

#include "daemon/history/recent_days.hpp"
#include "daemon/page/state.hpp"
#include "daemon/watch/snapshot.hpp"

namespace whylink::daemon::page {

/// Refers to all of it.
struct Input {
    const Snapshot& snapshot;
    Time now;
    std::string_view version;    ///< of this program
    const Days* days = nullptr;  ///< null: the history is switched off or cannot be read
    bool may_check = false;      ///< who asks may have a target checked now
};

}  // namespace whylink::daemon::page
