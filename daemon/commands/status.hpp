// `whylink status`: what a running daemon last found.
#pragma once

#include "daemon/commands/cli.hpp"

namespace whylink::daemon {

/// Asks the daemon over HTTP and prints its report; the status to exit with.
int run_status(const StatusCommand& command, const CommandLine& line);

}  // namespace whylink::daemon
