// Which profile a host's name belongs to.
#pragma once

#include <span>
#include <string_view>

#include "config/config.hpp"
#include "config/profiles.hpp"

namespace whylink::config {

struct PickedProfile {
    const Profile* profile = nullptr;  ///< null: no pattern fits
    OwnProfile own;                    ///< the same, where it is the user's
};

/// The profile whose pattern fits the name most closely; the user's before the program's, where they fit as closely.
PickedProfile pick_profile(std::string_view host, std::span<const OwnProfile> own);

}  // namespace whylink::config
