// The tcp stage: a connection, and, where nothing follows on it, what the server does by itself.
#pragma once

#include <string>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

Classification classify(const probes::TcpFacts& facts, probes::Nanoseconds took,
                        const Expectation& expectation);
probes::StreamEnd stream_end(const probes::TcpFacts& facts);
bool forbidden_here(const probes::TcpFacts& facts);
FactSet facts_of(const probes::TcpFacts& tcp, const JudgedProbe& probe, const probes::TlsFacts* handshake);
std::string evidence_line(const probes::TcpFacts& facts, const JudgedProbe& probe, const std::string& detail);

}  // namespace whylink::checks
