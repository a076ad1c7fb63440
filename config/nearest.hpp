// The known word that was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace whylink::config {

struct Nearest {
    std::string_view word;
    bool close = false;  ///< near enough to be a typing mistake
};

/// By the number of insertions, deletions, replacements and swaps of neighbours. `known` must not be empty.
Nearest nearest(std::string_view text, std::span<const std::string_view> known);

/// `did you mean "WORD"?` when one is close, else `otherwise`. `known` must not be empty.
std::string did_you_mean(std::string_view text, std::span<const std::string_view> known,
                         const std::string& otherwise = {});

}  // namespace whylink::config
