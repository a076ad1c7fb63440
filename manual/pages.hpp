// The man pages, each from the tables that the program itself reads.
#pragma once

#include <string>

#include "daemon/commands/description.hpp"
#include "manual/roff.hpp"

namespace whylink::manual {

/// whylink(1)
std::string command_page(const daemon::CommandDescription& program, const Release& release);
/// whylink.toml(5)
std::string configuration_page(const Release& release);
/// whylink-metrics(7)
std::string metrics_page(const Release& release);

}  // namespace whylink::manual
