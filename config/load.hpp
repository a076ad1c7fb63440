// From TOML text to a Config, or to every error in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

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
    std::vector<Error> errors;  ///< in the order of file, line and column
    bool ok() const { return errors.empty(); }
};

/// Reads `file` and what it includes. Never throws for anything that a file can hold; an unreadable file is
/// an error like any other. The contents of certificate files are not read here, only their presence.
LoadResult load_file(const std::filesystem::path& file);

/// The same for text in memory; `include` is resolved relative to `name`.
LoadResult load_text(std::string_view toml, const std::string& name);

}  // namespace whylink::config
