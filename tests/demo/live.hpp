// The demo as a service: the daemon over the same faults, for as long as it is let.
#pragma once

#include <chrono>

#include "relay.hpp"

namespace whylink::demo {

struct LiveOptions {
    Listener listener;                ///< of the world outside; its connections reach the daemon
    std::chrono::seconds outage{30};  ///< how long the lively link works, and is then broken
};

/// Runs `whylink run` until it ends, which it only does when something is wrong: the sandbox is ended from
/// outside. Inside the sandbox; throws what Stage throws.
int watch(const LiveOptions& options);

}  // namespace whylink::demo
