// One endpoint as the table of a config.
#pragma once

#include <string>
#include <string_view>

#include "config/config.hpp"
#include "config/dns_name.hpp"

namespace whylink::config {

/// [[endpoint]] with the keys that differ from what a config fills in by itself: text that loads to an equal endpoint, but for
/// `by_name`. The endpoint has no [[endpoint.expect_script]].
std::string endpoint_entry(const Endpoint& endpoint);

/// What is wrong with a name of a target, or nothing.
Fault target_name_fault(std::string_view name);

}  // namespace whylink::config
