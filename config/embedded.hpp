// TOML files that are built into the program: see cmake/Embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace whylink::config {

struct EmbeddedToml {
    std::string_view name;  ///< of the file, without its ending
    std::string_view toml;
};

}  // namespace whylink::config
