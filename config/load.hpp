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
    /// "FILE:LINE:COLUMN: MESSAGE"
    std::string to_string() const;
};

struct LoadResult {
    Config config;              ///< meaningful only without errors
    std::vector<Error> errors;  ///< file by file (the main one first), in each by line and column
    bool ok() const { return errors.empty(); }
};

/// Reads `file` and what it includes. Never throws for anything that a file can hold; an unreadable file is
/// an error like any other. The contents of certificate files are not read here, only their presence.
LoadResult load_file(const std::filesystem::path& file, const Files& files = system_files());

/// The same for text in memory; `include` and the paths in it are relative to the directory of `name`.
LoadResult load_text(std::string_view toml, const std::string& name, const Files& files = system_files());

}  // namespace whylink::config
