// `whylink bundle`: one archive for a support ticket.
#pragma once

#include "daemon/commands/cli.hpp"

namespace whylink::daemon {

int run_bundle(const BundleCommand& command, const CommandLine& line);

}  // namespace whylink::daemon
