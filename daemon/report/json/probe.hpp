// One probe of the JSON report.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "checks/judge.hpp"

namespace whylink::daemon {

/// What was recorded, what was made of it, and nothing that did not happen: a key that has no value is left
/// out.
nlohmann::ordered_json probe_json(const checks::JudgedProbe& probe, const std::string& detail = {});
nlohmann::ordered_json probe_json(const checks::JudgedFollowUp& test, const std::string& detail = {});
nlohmann::ordered_json probe_json(const checks::JudgedHold& hold, const std::string& detail = {});

}  // namespace whylink::daemon
