// What accounts said of a target, in lines for people.
#pragma once

#include <vector>

#include "daemon/control/readings.hpp"
#include "daemon/report/human/stage_lines.hpp"

namespace whylink::daemon {

/// The states that were read, and what could not be read, once for each account and reason. Null: nothing.
std::vector<StageLine> account_lines(const TargetReadingsPtr& readings);
/// Each read, with everything that it gave.
std::vector<StageLine> all_account_lines(const TargetReadingsPtr& readings);

}  // namespace whylink::daemon
