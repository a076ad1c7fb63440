// What a round brought home, and how its packets were captured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "probes/packets/kept_frames.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {

struct Measured {
    probes::Round round;
    /// The packets of the round's own connections and queries, or of a watch's window; empty without capture.
    probes::KeptFrames frames;
    /// The target as the names of the round show it (config::ByName): what is judged and reported. Null: as given.
    config::TargetPtr target;
    /// Addresses that RoundContext::may_connect refuses. Where there are any, nothing was connected to.
    std::vector<IpAddress> refused;
};

/// What a reader of packets has to know.
struct CaptureOrigin {
    std::string interface;
    std::string filter;       ///< pcap-filter(7), as it was last in force
    int snapshot_length = 0;  ///< bytes of each packet that were kept at most
    std::uint64_t dropped = 0;
};

}  // namespace whylink::daemon
