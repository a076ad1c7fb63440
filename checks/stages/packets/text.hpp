// The captured packets of a connection, in words.
#pragma once

#include <string>

#include "probes/observation.hpp"

namespace whylink::checks {

/// One line with numbers.
std::string packets_text(const probes::PacketFacts& packets);

}  // namespace whylink::checks
