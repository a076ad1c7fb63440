// Fills the placeholders of the texts.
#pragma once

#include <string>
#include <string_view>

namespace whylink::checks {

/// What the placeholders stand for. An empty one is worded generally: {endpoint_id} becomes "the endpoint's
/// identifier".
struct Wording {
    std::string name;         ///< {name}: of the endpoint or zone in the config
    std::string host;         ///< {host}; for a zone "*." and the zone
    std::string port;         ///< {port}
    std::string zone;         ///< {zone}: of a host what follows its first label
    std::string address;      ///< {address}: those that fail, or all
    std::string working;      ///< {working}: those that work
    std::string resolver;     ///< {resolver}: those that the cause is about
    std::string answers;      ///< {answers}: addresses that DNS gave: the wrong ones, or all
    std::string endpoint_id;  ///< {endpoint_id}
    std::string service;      ///< {service}
    std::string public_host;  ///< {public_host}
    std::string detail;       ///< {detail}: of the first probe that fails
};

/// Unknown placeholders and lone braces stay as they are.
std::string fill(std::string_view text, const Wording& wording);

}  // namespace whylink::checks
