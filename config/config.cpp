#include "config/config.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

namespace whylink::config {

bool ByName::operator==(const ByName& other) const {
    const auto own = [](const ByName& by) {
        return by.own_profiles == nullptr ? std::vector<OwnProfile>() : *by.own_profiles;
    };
    return std::tie(profile, private_space, tls, app) ==
               std::tie(other.profile, other.private_space, other.tls, other.app) &&
           own(*this) == own(other);
}

bool Config::operator==(const Config& other) const {
    return std::tie(daemon, on_demand, defaults, capture, history, accounts) ==
               std::tie(other.daemon, other.on_demand, other.defaults, other.capture, other.history,
                        other.accounts) &&
           std::ranges::equal(targets, other.targets,
                              [](const TargetPtr& a, const TargetPtr& b) { return *a == *b; });
}

}  // namespace whylink::config
