// The rows of the table of the keys of a profile's file, each bound to the field of the Profile that it fills.
#pragma once

#include <vector>

#include "config/fields.hpp"

namespace whylink::config {

/// Of its top level.
std::vector<Field<Profile>> profile_fields();
/// Of a [[remedy]].
std::vector<Field<Remedy>> remedy_fields();

}  // namespace whylink::config
