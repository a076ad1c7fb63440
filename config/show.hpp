// Prints the effective configuration.
#pragma once

#include <string>

#include "config/config.hpp"

namespace whylink::config {

/// TOML that loads to an equal Config: every key with its value, defaults and profile filled in. But of what a script
/// sends there is only the size.
std::string show(const Config& config);

}  // namespace whylink::config
