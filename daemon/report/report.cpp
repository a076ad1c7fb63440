#include "daemon/report/report.hpp"

namespace whylink::daemon {

std::shared_ptr<const checks::Explanation> ReportEntry::explained() const {
    return explanation != nullptr
               ? explanation
               : std::make_shared<const checks::Explanation>(checks::explain(*target, *verdict));
}

Tally tally(const Report& report) {
    Tally result;
    result.targets = result.waiting = report.waiting.size();
    for (const ReportEntry& entry : report.entries) {
        const checks::Verdict& verdict = *entry.verdict;
        ++result.targets;
        if (verdict.healthy) {
            ++result.healthy;
        }
        if (!verdict.healthy && verdict.decision.cause == Cause::local_limit) {
            ++result.not_found_out;
        } else if (verdict.decision.severity == checks::Severity::critical && !verdict.healthy) {
            ++result.critical;
        } else if (verdict.decision.severity != checks::Severity::ok) {
            ++result.warnings;
        }
    }
    return result;
}

int exit_status(const Report& report) {
    const Tally counts = tally(report);
    if (counts.unhealthy() == 0) {
        return exit_healthy;
    }
    return counts.unknown() ? exit_unknown : exit_unhealthy;
}

}  // namespace whylink::daemon
