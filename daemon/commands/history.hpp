// `whylink history`: what the history's file on this host has.
#pragma once

#include "daemon/commands/cli.hpp"

namespace whylink::daemon {

int run_history(const HistoryCommand& command);

}  // namespace whylink::daemon
