#include "daemon/watch/watched.hpp"

#include <utility>

namespace whylink::daemon {

Wanted wanted_of(config::Config config) {
    Wanted wanted;
    wanted.daemon = std::move(config.daemon);
    wanted.capture = std::move(config.capture);
    for (config::Endpoint& endpoint : config.endpoints) {
        if (endpoint.enabled) {
            wanted.targets.push_back(
                {std::make_shared<const config::Endpoint>(std::move(endpoint)), nullptr});
        }
    }
    for (config::Zone& zone : config.zones) {
        if (zone.enabled) {
            wanted.targets.push_back({nullptr, std::make_shared<const config::Zone>(std::move(zone))});
        }
    }
    for (config::Watch& watch : config.watches) {
        if (!watch.enabled) {
            continue;
        }
        config::Common common = config.defaults;
        common.interval = watch.window;
        wanted.targets.push_back(
            {nullptr, nullptr, std::make_shared<const WatchTarget>(std::move(watch), std::move(common))});
    }
    return wanted;
}

}  // namespace whylink::daemon
