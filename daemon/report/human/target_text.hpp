// What a target is called in the report: its name, and what is checked of it.
#pragma once

#include <string>

#include "config/config.hpp"

namespace whylink::daemon {

struct TargetText {
    std::string name;
    std::string what;  ///< host and port, zone, or which traffic; empty where the name says it
    /// It has this name in a configuration, so that `whylink check NAME` checks it again.
    bool configured = true;
};

TargetText text_of(const config::Target& target);

/// The service behind the link, by its profile: "ClickHouse Cloud"; empty: nothing is known of it.
std::string service_of(const config::Target& target);

}  // namespace whylink::daemon
