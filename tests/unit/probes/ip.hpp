// An address from its text.
#pragma once

#include <string_view>

#include "config/address.hpp"

namespace whylink::probes::testing {

inline IpAddress ip(std::string_view text) {
    return IpAddress::parse(text).value();
}

}  // namespace whylink::probes::testing
