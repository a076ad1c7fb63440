// What a round brought home.
#pragma once

#include "probes/packets/kept_frames.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {

struct Measured {
    probes::Round round;
    /// The packets of the round's own connections and queries, or of a watch's window; empty without capture.
    probes::KeptFrames frames;
};

}  // namespace whylink::daemon
