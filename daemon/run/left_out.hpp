// What a config may ask for and this version does not do.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace whylink::daemon {

/// `capture.enabled = true`: refused.
inline constexpr std::string_view cannot_capture =
    "capture.enabled is true, but this version cannot capture packets; set it to \"auto\" or false";

/// Said once, when there are watches.
inline constexpr std::string_view watches_left_out =
    "watches need packet capture, which this version does not have: they are not checked";

/// A line about what of the endpoint is not looked into, if anything.
std::optional<std::string> left_out(const config::Endpoint& endpoint);

}  // namespace whylink::daemon
