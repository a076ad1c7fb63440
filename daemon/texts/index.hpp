// The line of each outcome, cause, stage and follow-up test in the list of `whylink explain`: index.toml.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::daemon {

struct IndexEntry {
    std::string_view slug;
    std::string line;              ///< empty for a cause: its title is the line
    std::vector<std::string> see;  ///< slugs to read next
};

/// In the order of checks::example_slugs(). Read when first asked for.
std::span<const IndexEntry> index_entries();
/// `slug` is one of checks::example_slugs().
const IndexEntry& index_entry(std::string_view slug);

}  // namespace whylink::daemon
