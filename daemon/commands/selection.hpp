// Which of the configured targets a check runs.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace whylink::daemon {

/// All that are enabled, or those named, each once, enabled or not: who names a target wants to know. Endpoints
/// first, then zones, then watches. An error text for a name that is none, with the nearest one.
std::variant<std::vector<config::TargetPtr>, std::string> select(const config::Config& config,
                                                                 const std::vector<std::string>& names);

}  // namespace whylink::daemon
