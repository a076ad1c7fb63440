#include "config/config.hpp"

#include <algorithm>
#include <tuple>

namespace whylink::config {

bool Config::operator==(const Config& other) const {
    return std::tie(daemon, defaults, capture) == std::tie(other.daemon, other.defaults, other.capture) &&
           std::ranges::equal(targets, other.targets,
                              [](const TargetPtr& a, const TargetPtr& b) { return *a == *b; });
}

}  // namespace whylink::config
