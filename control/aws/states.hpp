// AWS' word for the state of a connection. "pending" means another thing than on Azure and GCP: accepted, and being set up.
#pragma once

#include <string_view>

#include "checks/control/link.hpp"

namespace whylink::control {

/// Compares without case; `unknown` for a new word.
ConnectionState aws_connection_state(std::string_view word);

}  // namespace whylink::control
