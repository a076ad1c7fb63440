// The text files of this folder, which are built into the program: what only `whylink explain` says.
#pragma once

#include <span>

#include "config/embedded.hpp"

namespace whylink::daemon {

std::span<const config::EmbeddedToml> explain_files();

}  // namespace whylink::daemon
