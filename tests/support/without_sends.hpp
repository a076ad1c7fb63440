// What of a config comes back from `config show`.
#pragma once

#include <utility>

#include "config/config.hpp"

namespace whylink::lab {

/// What scripts send is not shown.
inline config::Config without_sends(config::Config config) {
    for (config::TargetPtr& target : config.targets) {
        if (const config::Endpoint* endpoint = target->endpoint()) {
            config::Endpoint silent = *endpoint;
            for (config::ExpectStep& step : silent.expect_script) {
                step.send.clear();
            }
            target = config::make_target(std::move(silent));
        }
    }
    return config;
}

}  // namespace whylink::lab
