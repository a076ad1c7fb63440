// A page of a list, as the parsers of all providers give it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace whylink::control {

template <class T>
struct Page {
    std::vector<T> items;
    std::string next;  ///< token or link of the next page, unchecked; empty: the last
};

/// Nothing: the body is not what it should be.
template <class T>
using Parsed = std::optional<Page<T>>;

}  // namespace whylink::control
