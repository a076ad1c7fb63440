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

/// Whose the target's name is, whatever profile it has; generic: of an address or a watch, or the name does not tell.
config::Provider provider_by_name(const config::Target& target);

struct OtherCloud {
    config::Provider link;
    config::Provider host;
    bool by_profile = true;  ///< false: no profile tells the cloud of the link, and its name does
};

/// Where both are known and differ.
std::optional<OtherCloud> other_cloud(const config::Target& target, const Assessment& round);

/// What that means for the way to a private address, or for DNS where it fails: "the name belongs to Azure Private Link;
/// this host runs in AWS: …". Empty where the clouds do not differ, or where the round shows neither of both.
std::string other_cloud_text(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
