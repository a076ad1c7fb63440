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

/// By the number of insertions, deletions, replacements and swaps of neighbours, whatever the case. Close is a third of
/// the known word at most. No word when `known` is empty.
Nearest nearest(std::string_view text, std::span<const std::string_view> known);

/// `did you mean "WORD"?` when one is close, else `otherwise`.
std::string did_you_mean(std::string_view text, std::span<const std::string_view> known,
                         const std::string& otherwise = {});

/// For the end of a message about a name that is not known: `; did you mean "WORD"?` when one is close, else the known
/// names where they are few, else nothing.
std::string name_hint(std::string_view text, std::span<const std::string_view> known);

}  // namespace whylink::config
