// What each command does.
#pragma once

#include "daemon/commands/cli.hpp"

namespace whylink::daemon {

/// Runs the command with the real standard streams and files; the exit status.
int run(const CommandLine& line);

}  // namespace whylink::daemon
