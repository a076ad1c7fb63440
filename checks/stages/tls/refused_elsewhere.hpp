// What a handshake that passes here shows, and other clients refuse.
#pragma once

#include <string>

#include "checks/table/facts.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

/// Of a handshake whose outcome passes.
FactSet refused_elsewhere(const probes::TlsFacts& tls);

/// The same for people, behind "; "; empty when there is nothing.
std::string refused_elsewhere_text(const probes::TlsFacts& tls);

}  // namespace whylink::checks
