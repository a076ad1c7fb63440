// `whylink compare`: what differs between the reports of two hosts.
#pragma once

#include "daemon/commands/cli.hpp"

namespace whylink::daemon {

/// Prints what differs; the exit status: 0 nothing, 1 something, 2 a file that cannot be read or is neither a report nor a
/// record, or reports that have no target in common.
int run_compare(const CompareCommand& command);

}  // namespace whylink::daemon
