// Which host names belong to a profile.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/dns_name.hpp"
#include "config/profiles.hpp"

namespace whylink::config {

/// What a profile's patterns say of a host.
struct HostMatch {
    std::map<std::string, std::string> labels;  ///< by the names in braces
    std::string zone;                           ///< empty: none
    std::string public_host;                    ///< empty: none is known
};

/// Nothing when no pattern of the profile fits. Case and a trailing dot do not matter.
std::optional<HostMatch> match_host(const Profile& profile, std::string_view host);

/// Whether it is, by its form, the public name of one of the profile's services.
bool is_public_host(const Profile& profile, std::string_view host);

/// What keeps `pattern` from being one of `hosts`: "a label is empty"; nothing when it is one.
Fault pattern_fault(std::string_view pattern);
/// The names in the braces of a pattern, or of what is made of one.
std::vector<std::string> pattern_names(std::string_view pattern);
/// How many characters of the profile's closest pattern for the host stand in it literally; 0: none fits.
std::size_t closeness(const Profile& profile, std::string_view host);

}  // namespace whylink::config
