#include "daemon/commands/status.hpp"

namespace whylink::daemon {

int run_status(const StatusCommand&, const CommandLine&) {
    return exit_unknown;
}

}  // namespace whylink::daemon
