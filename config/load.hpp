// From TOML text to a Config, or to every error in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/files.hpp"

namespace whylink::config {

struct Error {
    std::string file;
    unsigned line = 1;    ///< from 1
    unsigned column = 1;  ///< from 1
    std::string message;  ///< what, and what is allowed
    /// "FILE:LINE:COLUMN: MESSAGE", with "KIND: " before the message where one is given.
    std::string to_string(std::string_view kind = {}) const;
};

struct LoadResult {
    Config config;                         ///< meaningful only without errors
    std::vector<Error> errors;             ///< file by file (the main one first), in each by line and column
    std::vector<OwnProfile> own_profiles;  ///< of profiles.d, by file; also those that nothing names
    /// What is valid and cannot work, or does harm (lint.hpp), in the same order; only without errors.
    std::vector<Error> warnings;
    std::vector<std::string> files;  ///< that were read: the main one and what it includes
    bool ok() const { return errors.empty(); }
};

/// Reads `file`, what it includes and the profiles in its folder (own_profiles.hpp). Never throws for anything
/// that a file can hold; an unreadable file is an error like any other. The contents of certificate files are
/// not read here, only their presence.
LoadResult load_file(const std::filesystem::path& file, const Files& files = system_files());

/// The same for text in memory; `include` and the paths in it are relative to the directory of `name`.
LoadResult load_text(std::string_view toml, const std::string& name, const Files& files = system_files());

}  // namespace whylink::config
