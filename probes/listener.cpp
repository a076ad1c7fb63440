#include "probes/listener.hpp"

namespace whylink::probes {

Observation probe_listener(std::uint16_t port) {
    Observation observation;
    observation.stage = Stage::listener;
    observation.port = port;
    observation.facts = ListenerFacts();
    return observation;
}

}  // namespace whylink::probes
