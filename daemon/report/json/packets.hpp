// What was captured, in the JSON report.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "probes/round.hpp"

namespace whylink::daemon {

/// Of the connections of an endpoint, by address: `{"10.0.0.4": {"syn": 1, ...}}`. Counts of what every
/// connection has are always there, all else only where it happened. Empty when nothing was captured.
nlohmann::ordered_json packets_json(const std::vector<probes::CapturedConnection>& packets);

}  // namespace whylink::daemon
