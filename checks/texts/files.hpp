// The text files of this folder, which are built into the program.
#pragma once

#include <span>
#include <string_view>

#include "config/embedded.hpp"

namespace whylink::checks {

std::span<const config::EmbeddedToml> text_files();

/// Of these, or of other files, the one of that name.
const config::EmbeddedToml& text_file(std::string_view name,
                                      std::span<const config::EmbeddedToml> files = text_files());

}  // namespace whylink::checks
