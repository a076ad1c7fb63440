#include "daemon/report/exit_status.hpp"

namespace whylink::daemon {

int exit_status(const Report& report) {
    const Tally counts = tally(report);
    if (counts.unhealthy() == 0) {
        return exit_healthy;
    }
    return counts.unknown() ? exit_unknown : exit_unhealthy;
}

}  // namespace whylink::daemon
