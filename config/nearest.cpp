#include "config/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>

#include "config/ascii.hpp"
#include "config/document.hpp"

namespace whylink::config {
namespace {

// Beyond this a word resembles nothing known, and it bounds the rows below.
constexpr std::size_t max_compared = 64;
using Row = std::array<std::size_t, max_compared + 1>;

// As many names as are read at a glance.
constexpr std::size_t max_listed = 8;

/// Optimal string alignment distance; both at most max_compared long.
std::size_t distance(std::string_view a, std::string_view b) {
    Row before_last{};
    Row last{};
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        Row row{};
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last = last;
        last = row;
    }
    return last[b.size()];
}

}  // namespace

Nearest nearest(std::string_view text, std::span<const std::string_view> known) {
    const std::string wanted = lower_case(text.substr(0, max_compared));
    std::size_t best = std::numeric_limits<std::size_t>::max();
    Nearest result;
    for (const std::string_view full : known) {
        const std::string word = lower_case(full.substr(0, max_compared));
        const std::size_t d = distance(wanted, word);
        // With more of it changed it is another word, however short both are.
        const bool close = d <= word.size() / 3;
        if (close == result.close ? d < best : close) {
            best = d;
            result = {full, close};
        }
    }
    return result;
}

std::string did_you_mean(std::string_view text, std::span<const std::string_view> known,
                         const std::string& otherwise) {
    const Nearest near = nearest(text, known);
    return near.close ? "did you mean " + toml_string(near.word) + "?" : otherwise;
}

std::string name_hint(std::string_view text, std::span<const std::string_view> known) {
    if (std::string hint = did_you_mean(text, known); !hint.empty()) {
        return "; " + hint;
    }
    if (known.empty() || known.size() > max_listed) {
        return {};
    }
    std::string list;
    for (const std::string_view word : known) {
        list += (list.empty() ? "" : ", ") + toml_string(word);
    }
    return (known.size() == 1 ? "; the only one is " : "; there are ") + list;
}

}  // namespace whylink::config
