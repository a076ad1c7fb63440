// The app stage: the application's first exchange, plain or behind a handshake.
#pragma once

#include <string>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

Classification classify(const probes::AppFacts& facts, probes::Nanoseconds took,
                        const Expectation& expectation);
probes::StreamEnd stream_end(const probes::AppFacts& facts);
/// What was connected was let out.
constexpr bool forbidden_here(const probes::AppFacts& /*facts*/) {
    return false;
}
FactSet facts_of(const probes::AppFacts& app, const JudgedProbe& probe, const probes::TlsFacts* handshake);
std::string evidence_line(const probes::AppFacts& facts, const JudgedProbe& probe, const std::string& detail);

}  // namespace whylink::checks
