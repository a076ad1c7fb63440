#include "daemon/watch/snapshot.hpp"

#include <algorithm>

namespace whylink::daemon {
namespace {

using Time = std::chrono::system_clock::time_point;

/// From the start of the oldest round to the end of the newest.
struct Span {
    Time begin = Time::max();
    Time end = Time::min();

    void include(const Standing& standing) {
        begin = std::min(begin, standing.round_started);
        end = std::max(
            end, standing.round_started + std::chrono::duration_cast<Time::duration>(standing.round_took));
    }
    bool empty() const { return end < begin; }
};

}  // namespace

Report report_of(const Snapshot& snapshot) {
    Report report;
    report.vantage_point = snapshot.vantage_point;
    report.host = {snapshot.host, snapshot.capture.up, snapshot.capture.fault, snapshot.control.instance};
    Span rounds;
    for (const TargetStatusPtr& status : snapshot.targets) {
        if (!status->verdict) {
            report.waiting.push_back(status->target);
            continue;
        }
        report.entries.push_back(
            {status->target, status->verdict, status->standing, status->evidence_file, {}, status->readings});
        rounds.include(status->standing);
    }
    report.started_at = rounds.empty() ? snapshot.config.last_success : rounds.begin;
    if (!rounds.empty()) {
        report.duration = rounds.end - rounds.begin;
    }
    return report;
}

}  // namespace whylink::daemon
