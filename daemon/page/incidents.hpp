// What is wrong, each failure once with all targets that share it.
#pragma once

#include "daemon/page/input.hpp"
#include "daemon/page/targets.hpp"

namespace whylink::daemon::page {

/// Nothing where all of them are healthy.
void write_incidents(Html& html, const Input& input, const Targets& targets);

}  // namespace whylink::daemon::page
