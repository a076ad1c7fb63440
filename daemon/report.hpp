// What a round or a one-shot command reports; the render_*.hpp print it.
#pragma once

#include <chrono>
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

}  // namespace whylink::daemon
