// Completions for the shells, each from the description of the command line.
#pragma once

#include <string>

#include "daemon/commands/description.hpp"

namespace whylink::manual {

std::string bash_completion(const daemon::CommandDescription& program);
std::string zsh_completion(const daemon::CommandDescription& program);
std::string fish_completion(const daemon::CommandDescription& program);

}  // namespace whylink::manual
