// The text of config/profiles/*.toml, which is built into the program.
#pragma once

#include <span>
#include <string_view>

namespace whylink::config {

struct BuiltinProfile {
    std::string_view name;
    std::string_view toml;
};

/// In the order in which they are listed; a profile stands behind the one that it extends.
std::span<const BuiltinProfile> builtin_profiles();

}  // namespace whylink::config
