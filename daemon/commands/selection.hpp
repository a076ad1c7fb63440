// Which of the configured targets a check runs.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "daemon/commands/check.hpp"

namespace whylink::daemon {

/// All that are enabled, or those named, enabled or not: who names a target wants to know. An error text for
/// a name that is none, with the nearest one.
std::variant<Targets, std::string> select(const config::Config& config,
                                          const std::vector<std::string>& names);

}  // namespace whylink::daemon
