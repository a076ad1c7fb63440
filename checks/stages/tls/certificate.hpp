// The server's certificate: its names, its issuer, and its dates.
#pragma once

#include "checks/stages/stage.hpp"

namespace whylink::checks {

/// Of a handshake that is complete.
Classification judge_certificate(const probes::TlsFacts& facts, const Expectation& expectation);

}  // namespace whylink::checks
