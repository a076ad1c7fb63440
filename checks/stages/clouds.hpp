// The cloud that this host runs in, and the one that the target's private link belongs to.
#pragma once

#include <optional>
#include <string>

#include "checks/judge.hpp"
#include "config/cloud.hpp"
#include "config/config.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {

/// The provider of the private links of that cloud; generic where it is none of the three, or unknown.
config::Provider provider_of(std::optional<config::Cloud> cloud);

struct OtherCloud {
    config::Provider link;  ///< by the target's profile
    config::Provider host;
};

/// Where both are known and differ.
std::optional<OtherCloud> other_cloud(const config::Target& target, const Assessment& round);

/// What that means for the way to a private address of the endpoint: "the name belongs to Azure Private Link; this host
/// runs in AWS: …". Empty where the clouds do not differ, or where no such address was tried.
std::string other_cloud_text(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
