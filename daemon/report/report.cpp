#include "daemon/report/report.hpp"

namespace whylink::daemon {

ReportView::ReportView(const Report& report)
    : vantage_point(report.vantage_point), started_at(report.started_at), duration(report.duration) {
    for (const EndpointReport& entry : report.endpoints) {
        endpoints.push_back({&entry.endpoint, &entry.verdict, nullptr, &entry.evidence_file});
    }
    for (const ZoneReport& entry : report.zones) {
        zones.push_back({&entry.zone, &entry.verdict});
    }
    for (const WatchReport& entry : report.watches) {
        watches.push_back({&entry.watch, &entry.verdict, nullptr, &entry.evidence_file});
    }
}

std::vector<TargetView> targets(const ReportView& report) {
    std::vector<TargetView> views;
    views.reserve(report.endpoints.size() + report.zones.size() + report.watches.size());
    for (const ReportView::Endpoint& entry : report.endpoints) {
        views.push_back({&entry.endpoint->name, entry.verdict});
    }
    for (const ReportView::Zone& entry : report.zones) {
        views.push_back({&entry.zone->name, entry.verdict});
    }
    for (const ReportView::Watch& entry : report.watches) {
        views.push_back({&entry.watch->name, entry.verdict});
    }
    return views;
}

Tally tally(const ReportView& report) {
    Tally result;
    result.targets = result.waiting = report.waiting.size();
    for (const TargetView& target : targets(report)) {
        const checks::Verdict& verdict = *target.verdict;
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

bool Report::healthy() const {
    return tally(*this).unhealthy() == 0;
}

}  // namespace whylink::daemon
