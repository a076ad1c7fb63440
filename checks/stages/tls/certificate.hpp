// The server's certificate: its names, its issuer, and its dates.
#pragma once

#include "checks/stages/stage.hpp"

namespace whylink::checks {

/// Of a handshake that is complete.
Classification judge_certificate(const probes::TlsFacts& facts, const Expectation& expectation);

/// The first fault of verification that means this outcome, or null.
const probes::VerifyFault* first_fault(const probes::TlsFacts& facts, Outcome outcome);

}  // namespace whylink::checks
