// `whylink import`.
#pragma once

#include "daemon/commands/cli.hpp"

namespace whylink::daemon {

/// Prints the configuration; what has no equivalent stands on standard error as well. The status to exit with: 2 when a
/// file cannot be read or has mistakes in it.
int run_import(const ImportCommand& command);

}  // namespace whylink::daemon
