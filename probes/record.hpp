// A round as JSON text and back, so that what was seen can be kept and judged again.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "probes/round.hpp"

namespace whylink::probes {

/// An array of objects, indented: probes, follow-up tests (with `experiment`), held connections (`experiment`
/// is `hold`), packets of connections, and what was read of this host (`proxies`, `cloud`). A member that has its default is left out; times are RFC 3339 in UTC,
/// durations whole nanoseconds (`…_ns`), bytes hexadecimal. Text that is not UTF-8 loses what is not.
std::string to_json(const Round& round);

/// The round, or what is wrong and where: "[2].dns.queries[0].rcode: a whole number from … to …".
/// Strict: unknown members and values out of range are errors, so that a typo does not silently mean a
/// default. Never throws for any text.
std::variant<Round, std::string> from_json(std::string_view text);

}  // namespace whylink::probes
