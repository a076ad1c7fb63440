// Which files an `include` entry means.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "config/files.hpp"

namespace whylink::config {

struct Included {
    std::vector<std::filesystem::path> files;  ///< sorted
    bool literal = true;                       ///< without wildcards: the one file, whether it exists or not
    bool too_many = false;                     ///< more than 100000 directory entries were looked at
};

/// `*`, `?` and `[...]` as in glob(7) in any part of the path; a leading dot must be matched by a dot.
/// `directory` is what a relative pattern is relative to.
Included expand_include(const std::filesystem::path& directory, std::string_view pattern, const Files& files);

}  // namespace whylink::config
