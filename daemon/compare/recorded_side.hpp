// A record (`--record`) as one side of a comparison.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "daemon/compare/side.hpp"

namespace whylink::daemon {

/// A record has no config: it is judged as `diagnose` would judge what was probed, with TLS and application as they were
/// spoken. Its targets are called by the record where it has several, else by what they are. An error text for what is
/// no record.
std::variant<Side, std::string> side_of_record(std::string_view json);

}  // namespace whylink::daemon
