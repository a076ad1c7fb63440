// Which of the configured targets a check runs.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace whylink::daemon {

/// All that are enabled, or those named, each once, enabled or not: who names a target wants to know. Of these, those
/// that have all of the `labels` ("KEY=VALUE"). Endpoints first, then zones, then watches. An error text for what the
/// config does not have, with the nearest one or what there is.
std::variant<std::vector<config::TargetPtr>, std::string> select(const config::Config& config,
                                                                 const std::vector<std::string>& names,
                                                                 const std::vector<std::string>& labels = {});

}  // namespace whylink::daemon
