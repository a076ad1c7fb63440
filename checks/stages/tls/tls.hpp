// The tls stage: the handshake, and what the server says soon after it.
#pragma once

#include <string>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

Classification classify(const probes::TlsFacts& facts, probes::Nanoseconds took,
                        const Expectation& expectation);
probes::StreamEnd stream_end(const probes::TlsFacts& facts);
/// What was connected was let out.
constexpr bool forbidden_here(const probes::TlsFacts& /*facts*/) {
    return false;
}
FactSet facts_of(const probes::TlsFacts& tls, const JudgedProbe& probe, const probes::TlsFacts* handshake);
std::string evidence_line(const probes::TlsFacts& facts, const JudgedProbe& probe, const std::string& detail);

}  // namespace whylink::checks
