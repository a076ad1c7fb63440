// The user's profiles: every *.toml in profiles.d, in the folder of the config.
#pragma once

#include <filesystem>
#include <vector>

#include "config/config.hpp"
#include "config/files.hpp"
#include "config/load.hpp"

namespace whylink::config {

struct OwnProfiles {
    /// By the names of their files. With errors also what could be read of a faulty one, so that what names
    /// it is no further mistake.
    std::vector<OwnProfile> profiles;
    std::vector<Error> errors;  ///< file by file, in each by line and column
};

/// `directory` is that of the config. No folder profiles.d is no profiles; one that cannot be read is an
/// error. A profile may extend one of the program's or another of these.
OwnProfiles load_own_profiles(const std::filesystem::path& directory, const Files& files = system_files());

}  // namespace whylink::config
