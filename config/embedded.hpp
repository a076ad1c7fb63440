// TOML files that are built into the program: see cmake/Embed.cmake. Here those of config/profiles/.
#pragma once

#include <span>
#include <string_view>

namespace whylink::config {

struct EmbeddedToml {
    std::string_view name;  ///< of the file, without its ending
    std::string_view toml;
};

/// profiles/NAME.toml, in the order in which they are listed; a profile stands behind the one that it extends.
std::span<const EmbeddedToml> builtin_profiles();

/// profiles/steps/PROVIDER.toml: what to do at a provider, by cause.
std::span<const EmbeddedToml> provider_steps();

}  // namespace whylink::config
