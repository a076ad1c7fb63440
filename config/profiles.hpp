// The provider profiles: what is known of each service that is reached over a private link, one row each.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "config/config.hpp"

namespace whylink::config {

enum class Provider { generic, aws, azure, gcp };

struct Profile {
    std::string_view name;   ///< the config's slug
    std::string_view title;  ///< for people
    Provider provider;
    std::span<const std::uint16_t> ports;  ///< the first is the default port; empty: `port` must be given
    bool tls;
    App app;
    /// The service keeps an allow-list of endpoints, and resets what is not on it (its documentation says
    /// so).
    bool has_allow_list;
};

std::span<const Profile> profiles();
/// Null for an unknown name.
const Profile* find_profile(std::string_view name);

}  // namespace whylink::config
