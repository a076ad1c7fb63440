// The listener stage of an inbound watch: whether a socket of this host listens on the port.
#pragma once

#include <string>
#include <vector>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

Classification classify(const probes::ListenerFacts& facts, probes::Nanoseconds took,
                        const Expectation& expectation);
/// No stream of its own.
constexpr probes::StreamEnd stream_end(const probes::ListenerFacts& /*facts*/) {
    return probes::StreamEnd::none;
}
/// Nothing is sent.
constexpr bool forbidden_here(const probes::ListenerFacts& /*facts*/) {
    return false;
}
FactSet facts_of(const probes::ListenerFacts& listener, const JudgedProbe& probe,
                 const probes::TlsFacts* handshake);
std::string evidence_line(const probes::ListenerFacts& facts, const JudgedProbe& probe,
                          const std::string& detail);

bool is_loopback(const IpAddress& address);

/// Where connections succeed, it does not matter that no socket of this host listens (the port may be
/// translated, as container hosts do), nor that its sockets could not be listed.
void weigh_listener(std::vector<JudgedProbe>& probes);

}  // namespace whylink::checks
