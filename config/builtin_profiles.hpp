// The text of config/profiles/, which is built into the program.
#pragma once

#include "config/embedded.hpp"

namespace whylink::config {

/// NAME.toml, in the order in which they are listed; a profile stands behind the one that it extends.
std::span<const EmbeddedToml> builtin_profiles();

/// steps/PROVIDER.toml: what to do at a provider, by cause.
std::span<const EmbeddedToml> provider_steps();

}  // namespace whylink::config
