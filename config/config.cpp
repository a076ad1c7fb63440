#include "config/config.hpp"

#include <algorithm>
#include <tuple>

namespace whylink::config {
namespace {

template <class T>
std::vector<const T*> of_kind(std::span<const TargetPtr> targets) {
    std::vector<const T*> found;
    for (const TargetPtr& target : targets) {
        if (const T* what = std::get_if<T>(&target->what())) {
            found.push_back(what);
        }
    }
    return found;
}

}  // namespace

std::vector<const Endpoint*> endpoints_of(std::span<const TargetPtr> targets) {
    return of_kind<Endpoint>(targets);
}

std::vector<const Zone*> zones_of(std::span<const TargetPtr> targets) {
    return of_kind<Zone>(targets);
}

std::vector<const Watch*> watches_of(std::span<const TargetPtr> targets) {
    return of_kind<Watch>(targets);
}

bool Config::operator==(const Config& other) const {
    return std::tie(daemon, defaults, capture) == std::tie(other.daemon, other.defaults, other.capture) &&
           std::ranges::equal(targets, other.targets,
                              [](const TargetPtr& a, const TargetPtr& b) { return *a == *b; });
}

}  // namespace whylink::config
