// `whylink run`: everything that the daemon is made of, put together.
#pragma once

#include <string>

namespace whylink::daemon {

/// Watches the configured targets until SIGTERM or SIGINT; the status to exit with: 0 after these, 2 for a
/// config with errors, 3 when it asks for what this host or version cannot do, 1 when it cannot listen.
int run_daemon(const std::string& config_file);

}  // namespace whylink::daemon
