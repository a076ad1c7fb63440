#include "daemon/watch/watched.hpp"

#include <algorithm>
#include <utility>

namespace whylink::daemon {

Wanted wanted_of(config::Config config) {
    Wanted wanted;
    wanted.daemon = std::move(config.daemon);
    wanted.capture = std::move(config.capture);
    for (config::Endpoint& endpoint : config.endpoints) {
        if (endpoint.enabled)
            wanted.targets.push_back(
                {std::make_shared<const config::Endpoint>(std::move(endpoint)), nullptr});
    }
    for (config::Zone& zone : config.zones) {
        if (zone.enabled)
            wanted.targets.push_back({nullptr, std::make_shared<const config::Zone>(std::move(zone))});
    }
    wanted.watches = static_cast<std::size_t>(std::ranges::count_if(config.watches, &config::Watch::enabled));
    return wanted;
}

}  // namespace whylink::daemon
