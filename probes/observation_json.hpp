// Observations as JSON text and back, so that what was seen can be kept and judged again.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::probes {

/// An array of objects, indented. A member that has its default is left out; times are RFC 3339 in UTC,
/// durations whole nanoseconds (`…_ns`), bytes hexadecimal. Text that is not UTF-8 loses what is not.
std::string to_json(const std::vector<Observation>& observations);

/// The observations, or what is wrong and where: "[2].dns.queries[0].rcode: a whole number from … to …".
/// Strict: unknown members and values out of range are errors, so that a typo does not silently mean a
/// default. Never throws for any text.
std::variant<std::vector<Observation>, std::string> from_json(std::string_view text);

}  // namespace whylink::probes
