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
};

struct ZoneReport {
    config::Zone zone;
    checks::Verdict verdict;
};

struct Report {
    std::string vantage_point;  ///< this VM's host name
    std::chrono::system_clock::time_point started_at;
    std::chrono::nanoseconds duration{};
    std::vector<EndpointReport> endpoints;
    std::vector<ZoneReport> zones;

    bool healthy() const;
};

/// How the targets of a report stand, as its last line and the exit status need it.
struct Tally {
    std::size_t targets = 0;
    std::size_t healthy = 0;        ///< warnings included
    std::size_t warnings = 0;       ///< of severity `warning`, healthy or not
    std::size_t critical = 0;       ///< of severity `critical`, without those in `not_found_out`
    std::size_t not_found_out = 0;  ///< unhealthy for a fault of this VM (`local_limit`)
    std::size_t unhealthy() const { return targets - healthy; }
};

Tally tally(const Report& report);

/// Names and verdicts of all targets, endpoints first; valid as long as the report.
struct TargetView {
    const std::string* name;
    const checks::Verdict* verdict;
};
std::vector<TargetView> targets(const Report& report);

}  // namespace whylink::daemon
