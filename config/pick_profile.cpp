#include "config/pick_profile.hpp"

#include <cstddef>

#include "config/host_pattern.hpp"

namespace whylink::config {

PickedProfile pick_profile(std::string_view host, std::span<const OwnProfile> own) {
    PickedProfile picked{profile_for_host(host), {}};
    std::size_t most = picked.profile == nullptr ? 0 : closeness(*picked.profile, host);
    for (const OwnProfile& one : own) {
        if (const std::size_t literal = closeness(*one.profile, host); literal > 0 && literal >= most) {
            picked = {one.profile.get(), one};
            most = literal;
        }
    }
    return picked;
}

}  // namespace whylink::config
