// The texts about outcomes and causes, for `whylink explain`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/report/human/terminal.hpp"

namespace whylink::daemon {

/// Every outcome and cause with a line each.
std::string explain_all(const HumanStyle& style);

/// All there is to say of one slug; of both, when an outcome and a cause share it. Nothing for an unknown
/// one.
std::optional<std::string> explain(std::string_view slug, const HumanStyle& style);

/// The known slug nearest to a mistyped one.
std::string_view nearest_slug(std::string_view slug);

}  // namespace whylink::daemon
