// What accounts said, as JSON.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "checks/control/instance.hpp"
#include "checks/control/read.hpp"

namespace whylink::daemon {

nlohmann::ordered_json control_json(const std::vector<control::Read>& reads);
/// This host as its cloud's metadata service has it; what is not known is left out.
nlohmann::ordered_json where_json(const control::Instance& instance);

}  // namespace whylink::daemon
