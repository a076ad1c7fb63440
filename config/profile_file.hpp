// One profile as TOML: the form of config/profiles/*.toml and of the user's profiles.d/*.toml.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/profiles.hpp"
#include "config/values.hpp"

namespace whylink::config {

/// A profile before it has taken over what it leaves to the one that it extends.
struct ProfileDraft {
    Profile profile;
    std::set<std::string, std::less<>> given;  ///< the keys of the file
    Position name_at;
    Position extends_at;
};

/// Reads all of it and puts every mistake into `problems`; never throws for what a text can hold. What was
/// right is in the draft even so.
ProfileDraft read_profile(std::string_view toml, std::vector<Problem>& problems);

/// Takes over what the draft's file does not say: provider, ports, TLS, application, allow-list, what the
/// identifiers are, how it looks; and its names (hosts, zone, public_host), all or none. Remedies, limits and
/// sources stay with the base.
void inherit(ProfileDraft& draft, const Profile& base);

/// The profile in the same form. Of what it has taken over too.
std::string profile_toml(const Profile& profile);

}  // namespace whylink::config
