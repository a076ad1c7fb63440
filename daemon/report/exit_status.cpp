#include "daemon/report/exit_status.hpp"

namespace whylink::daemon {
namespace {

int nagios_status(const Tally& tally) {
    if (tally.critical > 0) {
        return 2;
    }
    if (tally.unknown()) {
        return 3;
    }
    return tally.warnings > 0 ? 1 : 0;
}

}  // namespace

int usage_status(Format format) {
    return format == Format::nagios ? exit_unknown : exit_usage;
}

int exit_status(const Report& report, Format format) {
    const Tally counts = tally(report);
    if (format == Format::nagios) {
        return nagios_status(counts);
    }
    if (counts.unhealthy() == 0) {
        return exit_healthy;
    }
    return counts.unknown() ? exit_unknown : exit_unhealthy;
}

}  // namespace whylink::daemon
