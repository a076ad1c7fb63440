// The region that a name of AWS has in it, for when nothing else says which.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "checks/control/subject.hpp"

namespace whylink::control {

/// "eu-west-1" of "vpce-0abc.vpce-svc-0a.eu-west-1.vpce.amazonaws.com"; empty: it has none.
std::string region_of_name(std::string_view name);

/// Of hosts, aliases and services of the targets, the first that has one.
std::string region_of_names(std::span<const Subject> subjects);

}  // namespace whylink::control
