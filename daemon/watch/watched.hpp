// What the daemon watches, as the configuration wants it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// An endpoint or a zone, shared with the rounds and pages that are about it.
struct Watched {
    std::shared_ptr<const config::Endpoint> endpoint;  ///< exactly one of the two is set
    std::shared_ptr<const config::Zone> zone;

    TargetKind kind() const { return endpoint ? TargetKind::endpoint : TargetKind::zone; }
    const std::string& name() const { return endpoint ? endpoint->name : zone->name; }
    const config::Common& common() const {
        return endpoint ? static_cast<const config::Common&>(*endpoint) : *zone;
    }
    bool operator==(const Watched&) const = default;
};

/// A configuration, taken apart for the daemon.
struct Wanted {
    config::Daemon daemon;
    config::Capture capture;
    std::vector<Watched> targets;  ///< the enabled ones, endpoints first, in the order of the config
    std::size_t watches = 0;       ///< enabled ones, which this version cannot serve
};

Wanted wanted_of(config::Config config);

}  // namespace whylink::daemon
