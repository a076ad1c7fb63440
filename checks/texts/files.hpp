// The text files of this folder, which are built into the program.
#pragma once

#include "config/embedded.hpp"

namespace whylink::checks {

std::span<const config::EmbeddedToml> text_files();

/// Of these, the one of that name.
const config::EmbeddedToml& text_file(std::string_view name);

}  // namespace whylink::checks
