// The texts about everything that a report or a metric calls by a slug, for `whylink explain`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/report/human/terminal.hpp"

namespace whylink::daemon {

/// Every outcome, cause, stage and follow-up test with a line each. Metrics are not listed: docs/reference/metrics.md has them.
std::string explain_all(const HumanStyle& style);

/// All there is to say of one slug; of each kind that has it, where several share it. Nothing for an unknown one.
std::optional<std::string> explain(std::string_view slug, const HumanStyle& style);

/// What explain() knows: outcomes, causes, stages, follow-up tests, metrics.
std::vector<std::string_view> explained_slugs();

}  // namespace whylink::daemon
