// What a DNS host name may look like in a config and on the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whylink {

/// What is wrong with a text, for people; nothing where all is well.
using Fault = std::optional<std::string>;

/// A label is what stands between two dots.
std::vector<std::string_view> labels_of(std::string_view name);

/// What is wrong with a host name (RFC 1123 letters, digits, hyphens, and underscores as they occur in
/// service names; labels of 1 to 63, 253 in all; a trailing dot allowed; international names as A-labels), or
/// nothing.
Fault host_name_fault(std::string_view name);

/// Lower case, without a trailing dot: the form in which names are compared.
std::string canonical_name(std::string_view name);

}  // namespace whylink
