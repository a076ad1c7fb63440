// What the names that DNS gives say of a target that is not configured in full.
#pragma once

#include <span>

#include "config/config.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

/// The target as the host's name and the names of its CNAME chain show it, where config::ByName leaves that to them: with the
/// profile whose patterns fit the first of these names that has one; of `diagnose` also with `private`, TLS and application as
/// that profile has them, and private where a `privatelink` name says so. The same pointer where nothing changes. Of `check`
/// the ordinary probes stay as configured.
config::TargetPtr as_named(const config::TargetPtr& target, std::span<const probes::Observation> probes);

/// The same of an endpoint; null where nothing changes.
config::TargetPtr named_target(const config::Endpoint& endpoint, std::span<const probes::Observation> probes);

}  // namespace whylink::checks
