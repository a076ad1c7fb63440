// The profiles as text, for `whylink profiles`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/table/cause.hpp"
#include "config/profiles.hpp"
#include "daemon/report/human/terminal.hpp"

namespace whylink::daemon {

/// The program's, then the user's.
std::vector<const config::Profile*> known_profiles(std::span<const config::OwnProfile> own);

/// Every profile with a line each.
std::string list_profiles(std::span<const config::OwnProfile> own, const HumanStyle& style);

/// All that one of them sets, what it has from those that it extends included.
std::string show_profile(const config::Profile& profile, const HumanStyle& style);

/// As a file for profiles.d.
std::string profile_file(const config::Profile& profile);

/// Of known_profiles(); valid as long as these.
std::vector<std::string_view> profile_names(std::span<const config::OwnProfile> own);

/// Of the program's profiles those that have steps of their own for the cause; empty: none.
std::string profiles_with_steps(Cause cause);

}  // namespace whylink::daemon
