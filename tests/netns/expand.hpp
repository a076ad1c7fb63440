// The {placeholders} of a row's texts.
#pragma once

#include <map>
#include <string>

#include "row.hpp"

namespace whylink::netns_test {

using Values = std::map<std::string, std::string>;

/// The addresses and the directory of row number `index` (1 to 250).
Values values_of_row(unsigned index, const std::string& directory);

/// Replaces each {name} that `values` has; other braces stay.
std::string expand(std::string text, const Values& values);
/// The same for every text of a row.
Row expand(Row row, const Values& values);

}  // namespace whylink::netns_test
