// Ranges of addresses that somebody on the way hands out: such an answer says who answered, and not that a record is
// public or out of date.
#pragma once

#include <string_view>

#include "checks/table/facts.hpp"
#include "config/address.hpp"

namespace whylink::checks {

struct SpecialRange {
    std::string_view block;    ///< as Cidr::parse() takes it
    Fact fact;                 ///< what an answer inside of it shows
    std::string_view meaning;  ///< behind "10.0.0.1 is"
};

/// The first range that the address lies in; null when it lies in none.
const SpecialRange* special_range_of(const IpAddress& address);

}  // namespace whylink::checks
