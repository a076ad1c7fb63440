// Prepares a configuration in the background, for the event loop to adopt.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "daemon/http/access.hpp"
#include "daemon/watch/plan.hpp"
#include "daemon/watch/watcher.hpp"

namespace whylink::daemon {

/// Leaves out the targets that are not enabled.
config::Config wanted_of(config::Config config);

struct PreparedConfig {
    config::Config wanted;  ///< its targets have moved to the plan
    Plan plan;
    std::shared_ptr<Generation> generation;
    CaptureWish capture_wish;
    http::Access access;
    std::vector<std::string> remarks;  ///< what is valid and worth a warning, one line each
};

/// Why a configuration cannot be taken over: every error, one line each.
using ConfigErrors = std::vector<std::string>;

/// Reads the config and the files that it names. Takes as long as it takes: milliseconds for a small one,
/// about a second for ten thousand targets. Touches nothing but its arguments.
std::variant<PreparedConfig, ConfigErrors> prepare_config(const std::string& file,
                                                          const std::vector<config::TargetPtr>& before);

/// "2 added, 1 removed, 1 changed, 0 adjusted, 40 unchanged"
std::string summary(const Plan& plan);

}  // namespace whylink::daemon
