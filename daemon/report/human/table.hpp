// Many targets at a glance: a line for each, or for those that are alike.
#pragma once

#include <span>

#include "daemon/report/human/block.hpp"

namespace whylink::daemon {

/// State, name, cause, since when, and the slowest stage; worst first.
void write_table(Canvas& canvas, const Report& report, std::span<const Group> groups, Now now);

}  // namespace whylink::daemon
