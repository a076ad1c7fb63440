// The packets of a connection or a query of a round, with what it was.
#pragma once

#include <string_view>

#include "probes/packets/tap.hpp"

namespace whylink::daemon {

/// What is kept of it, Tap::drain() first; the first packet says "connection to 10.0.0.4:443" or, of a follow-up test,
/// "follow-up test no_name: connection to 10.0.0.4:443".
probes::KeptFrames described_frames(probes::FollowedFlow& flow, std::string_view follow_up = {});

}  // namespace whylink::daemon
