// What a round brought home.
#pragma once

#include <vector>

#include "probes/observation.hpp"
#include "probes/packets/kept_frames.hpp"

namespace whylink::daemon {

struct Measured {
    std::vector<probes::Observation> observations;
    /// The packets of the round's own connections and queries, or of a watch's window; empty without capture.
    probes::KeptFrames frames;
};

}  // namespace whylink::daemon
