// The parts of a line about one target: what is wrong, what shows it, what to do, since when. Each is one short clause.
// Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "checks/explain/explain.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// For the middle of a line: "Wrong service" → "wrong service"; "TCP connect timeout" stays as it is.
std::string lower_first(std::string_view text);

/// "connection refused (high)": the title of the cause and the confidence.
std::string title_clause(const checks::Decision& decision);

/// The one observation that shows the cause, as the evidence says it; the summary where no single one does. The status
/// has a verdict.
std::string deciding_evidence(const TargetStatus& status, const checks::Explanation& explanation);

/// The first step without what explains it, and without a long command behind a colon; empty without steps.
std::string first_step(const checks::Explanation& explanation);

/// "since 13:48 UTC"; with the date where that is more than a day before `now`.
std::string since_clause(std::chrono::system_clock::time_point since,
                         std::chrono::system_clock::time_point now);

}  // namespace whylink::daemon
