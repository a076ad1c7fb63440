// What was measured, in the JSON report: probes, what was done beside them, and packets.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::daemon {

/// What was recorded, what was made of it, and nothing that did not happen: a key that has no value is left
/// out.
nlohmann::ordered_json probe_json(const checks::JudgedProbe& probe, const std::string& detail = {});
nlohmann::ordered_json probe_json(const checks::JudgedFollowUp& test, const std::string& detail = {});
nlohmann::ordered_json probe_json(const checks::JudgedHold& hold, const std::string& detail = {});

/// Of the connections of an endpoint, by address: `{"10.0.0.4": {"syn": 1, ...}}`. Counts of what every
/// connection has are always there, all else only where it happened. Empty when nothing was captured.
nlohmann::ordered_json packets_json(const std::vector<probes::CapturedConnection>& packets);

}  // namespace whylink::daemon
