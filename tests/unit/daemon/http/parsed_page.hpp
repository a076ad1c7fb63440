// A metrics page read back, for tests.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/http/metrics.hpp"

namespace whylink::parsed {

struct Sample {
    std::string name;
    std::vector<std::pair<std::string, std::string>> labels;  ///< unescaped
    std::string value;
};

struct Family {
    std::string name;  ///< as in its TYPE line
    std::string type;
    std::string help;
    std::vector<Sample> samples;
};

/// Throws std::runtime_error with the line that is not as both formats want it.
std::vector<Family> families(std::string_view page);

std::string page(const daemon::Snapshot& snapshot,
                 daemon::http::MetricsFormat format = daemon::http::MetricsFormat::prometheus);

}  // namespace whylink::parsed
