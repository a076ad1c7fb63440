#include "daemon/report.hpp"

namespace whylink::daemon {

std::vector<TargetView> targets(const Report& report) {
    std::vector<TargetView> views;
    views.reserve(report.endpoints.size() + report.zones.size());
    for (const EndpointReport& entry : report.endpoints)
        views.push_back({&entry.endpoint.name, &entry.verdict});
    for (const ZoneReport& entry : report.zones)
        views.push_back({&entry.zone.name, &entry.verdict});
    return views;
}

Tally tally(const Report& report) {
    Tally result;
    for (const TargetView& target : targets(report)) {
        const checks::Verdict& verdict = *target.verdict;
        ++result.targets;
        if (verdict.healthy)
            ++result.healthy;
        if (!verdict.healthy && verdict.diagnosis.cause == checks::Cause::local_limit) {
            ++result.not_found_out;
        } else if (verdict.diagnosis.severity == checks::Severity::critical) {
            ++result.critical;
        } else if (verdict.diagnosis.severity == checks::Severity::warning) {
            ++result.warnings;
        }
    }
    return result;
}

bool Report::healthy() const {
    return tally(*this).unhealthy() == 0;
}

}  // namespace whylink::daemon
