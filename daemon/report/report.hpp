// What a round or a one-shot command reports; the render_*.hpp print it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "checks/judge.hpp"
#include "config/config.hpp"

namespace whylink::daemon {

struct EndpointReport {
    config::Endpoint endpoint;
    checks::Verdict verdict;
    std::string evidence_file = {};  ///< where its packets were written; empty: nowhere
};

struct ZoneReport {
    config::Zone zone;
    checks::Verdict verdict;
};

struct WatchReport {
    config::Watch watch;
    checks::Verdict verdict;
    std::string evidence_file = {};
};

struct Report {
    std::string vantage_point;  ///< this VM's host name
    std::chrono::system_clock::time_point started_at;
    std::chrono::nanoseconds duration{};
    std::vector<EndpointReport> endpoints;
    std::vector<ZoneReport> zones;
    std::vector<WatchReport> watches = {};

    bool healthy() const;
};

/// Of the daemon: when the verdict was drawn, and since when the health has been what it is.
struct Standing {
    std::chrono::system_clock::time_point round_started;
    std::chrono::nanoseconds round_took{};
    std::chrono::system_clock::time_point health_since;
};

/// What the renderers read of a report, wherever its parts are kept; valid as long as they are.
struct ReportView {
    struct Endpoint {
        const config::Endpoint* endpoint = nullptr;
        const checks::Verdict* verdict = nullptr;
        const Standing* standing = nullptr;          ///< null in a one-shot report
        const std::string* evidence_file = nullptr;  ///< null or empty: none
    };
    struct Zone {
        const config::Zone* zone = nullptr;
        const checks::Verdict* verdict = nullptr;
        const Standing* standing = nullptr;
    };
    struct Watch {
        const config::Watch* watch = nullptr;
        const checks::Verdict* verdict = nullptr;
        const Standing* standing = nullptr;
        const std::string* evidence_file = nullptr;
    };

    ReportView() = default;
    /// Implicit: every report can be looked at.
    ReportView(const Report& report);

    std::string vantage_point;
    std::chrono::system_clock::time_point started_at;
    std::chrono::nanoseconds duration{};
    std::vector<Endpoint> endpoints;
    std::vector<Zone> zones;
    std::vector<Watch> watches;
    /// Of the daemon: the names of what is configured and had no round yet.
    std::vector<const std::string*> waiting;
};

/// How the targets of a report stand, as its last line and the exit status need it.
struct Tally {
    std::size_t targets = 0;
    std::size_t healthy = 0;  ///< warnings included
    /// Of severity `warning`, healthy or not; of the daemon also what failed but is still counted healthy.
    std::size_t warnings = 0;
    std::size_t critical = 0;       ///< unhealthy, of severity `critical`, without those in `not_found_out`
    std::size_t not_found_out = 0;  ///< unhealthy for a fault of this VM (`local_limit`)
    std::size_t waiting = 0;        ///< for their first round: nobody knows whether they are healthy
    std::size_t unhealthy() const { return targets - healthy; }
    /// Something is not healthy, and of all that is not, nothing is known to be the target's fault.
    bool unknown() const { return unhealthy() > 0 && not_found_out + waiting == unhealthy(); }
};

Tally tally(const ReportView& report);

/// Names and verdicts of all targets, endpoints first, then zones, then watches; valid as long as the report.
struct TargetView {
    const std::string* name;
    const checks::Verdict* verdict;
};
std::vector<TargetView> targets(const ReportView& report);

}  // namespace whylink::daemon
