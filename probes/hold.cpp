#include "probes/hold.hpp"

namespace whylink::probes {

asio::awaitable<Observation> probe_hold(HoldProbe probe, StreamPtr) {
    Observation observation;
    observation.stage = Stage::tcp;
    observation.address = probe.address;
    observation.port = probe.port;
    observation.facts = HoldFacts{};
    co_return observation;
}

}  // namespace whylink::probes
