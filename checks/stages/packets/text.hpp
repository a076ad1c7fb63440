// The captured packets of a connection, in words.
#pragma once

#include <string>

#include "probes/observation.hpp"

namespace whylink::checks {

/// One line with numbers. `connected`: the connection came up.
std::string packets_text(const probes::PacketFacts& packets, bool connected);

}  // namespace whylink::checks
