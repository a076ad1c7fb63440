#include "config/include.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <string>

namespace whylink::config {
namespace {

namespace fs = std::filesystem;

// A pattern is matched before anything else is known about the system: "/*/*/*/*" must not walk all of it.
constexpr std::size_t max_entries = 100'000;

bool has_wildcard(const std::string& text) {
    return text.find_first_of("*?[") != std::string::npos;
}

/// The entries of `directories` that match one part of the pattern.
std::vector<fs::path> matches(const std::vector<fs::path>& directories, const std::string& part,
                              const Files& files, std::size_t& budget) {
    std::vector<fs::path> result;
    for (const fs::path& directory : directories) {
        const auto names = files.list(directory, budget);
        budget -= std::min(budget, names.size());
        for (const std::string& name : names) {
            if (fnmatch(part.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0) {
                result.push_back(directory / name);
            }
        }
    }
    return result;
}

}  // namespace

Included expand_include(const fs::path& directory, std::string_view pattern, const Files& files) {
    const fs::path path = directory / fs::path(pattern);
    Included result;
    if (!has_wildcard(std::string(pattern))) {
        result.files.push_back(path);
        return result;
    }
    result.literal = false;
    std::size_t budget = max_entries;
    std::vector<fs::path> found{fs::path{}};
    // The directory of the including file is taken as it stands, whatever characters it has.
    if (fs::path(pattern).is_relative()) {
        found.front() = directory;
    }
    bool wild = false;
    for (const fs::path& part : fs::path(pattern)) {
        // Once something was matched, the rest is matched too, so that only what exists is named.
        wild = wild || has_wildcard(part.string());
        if (wild) {
            found = matches(found, part.string(), files, budget);
        } else {
            found.front() /= part;
        }
    }
    result.files = std::move(found);
    std::ranges::sort(result.files);
    result.too_many = budget == 0;
    return result;
}

}  // namespace whylink::config
