// `whylink status`: what a running daemon last found.
#pragma once

#include <chrono>

#include "daemon/commands/cli.hpp"

namespace whylink::daemon {

struct StatusTimeouts {
    std::chrono::milliseconds connect = std::chrono::seconds(5);
    std::chrono::milliseconds answer = std::chrono::seconds(15);  ///< the whole of it
};

/// Asks the daemon over HTTP and prints its report; the status to exit with.
int run_status(const StatusCommand& command, const CommandLine& line, const StatusTimeouts& timeouts = {});

}  // namespace whylink::daemon
