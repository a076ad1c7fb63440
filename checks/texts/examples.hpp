// How each outcome, cause, stage and follow-up test looks on the wire: examples.toml.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/embedded.hpp"

namespace whylink::checks {

struct Example {
    std::string_view slug;           ///< of an outcome, a cause, a stage or a follow-up test
    std::vector<std::string> lines;  ///< of a capture or of a command, to be shown as they stand; never empty
};

/// Every slug that has an example. No two of these vocabularies share a slug.
std::vector<std::string_view> example_slugs();

/// In the order of example_slugs(). Read when first asked for.
std::span<const Example> examples();
/// `slug` is one of example_slugs().
const std::vector<std::string>& example(std::string_view slug);

/// Of another file than the one that is built in; throws std::logic_error for what is wrong with it.
std::vector<Example> read_examples(const config::EmbeddedToml& file);

}  // namespace whylink::checks
