#include "daemon/report/report.hpp"

namespace whylink::daemon {

Tally tally(const Report& report) {
    Tally result;
    result.targets = result.waiting = report.waiting.size();
    for (const ReportEntry& entry : report.entries) {
        const checks::Verdict& verdict = *entry.verdict;
        ++result.targets;
        if (verdict.healthy) {
            ++result.healthy;
        }
        if (!verdict.healthy && verdict.diagnosis.cause == checks::Cause::local_limit) {
            ++result.not_found_out;
        } else if (verdict.diagnosis.severity == checks::Severity::critical && !verdict.healthy) {
            ++result.critical;
        } else if (verdict.diagnosis.severity != checks::Severity::ok) {
            ++result.warnings;
        }
    }
    return result;
}

}  // namespace whylink::daemon
