// What a config may ask for and this version does not do.
#pragma once

#include <optional>
#include <string>

#include "config/config.hpp"

namespace whylink::daemon {

/// A line about what of the endpoint is not looked into, if anything.
std::optional<std::string> left_out(const config::Endpoint& endpoint);

}  // namespace whylink::daemon
