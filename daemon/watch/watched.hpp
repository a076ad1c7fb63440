// What the daemon watches, as the configuration wants it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// An endpoint, a zone or a watch, shared with the rounds and pages that are about it.
struct Watched {
    std::shared_ptr<const config::Endpoint> endpoint;  ///< exactly one of the three is set
    std::shared_ptr<const config::Zone> zone;
    std::shared_ptr<const WatchTarget> watch = {};

    TargetKind kind() const {
        return endpoint ? TargetKind::endpoint : zone ? TargetKind::zone : TargetKind::watch;
    }
    const std::string& name() const {
        return endpoint ? endpoint->name : zone ? zone->name : watch->watch.name;
    }
    const config::Common& common() const {
        return endpoint ? *endpoint : zone ? static_cast<const config::Common&>(*zone) : watch->common;
    }
    bool operator==(const Watched&) const = default;
};

/// A configuration, taken apart for the daemon.
struct Wanted {
    config::Daemon daemon;
    config::Capture capture;
    /// The enabled ones: endpoints, zones, watches, each in the order of the config.
    std::vector<Watched> targets;
};

Wanted wanted_of(config::Config config);

}  // namespace whylink::daemon
