// Since when a target is what it is, and when it was checked.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// "Changed: address 10.0.0.9 → 10.0.0.4." of a failing target, "Nothing changed before it." or "Never healthy so far.";
/// empty where the history knows nothing of it, or it passes.
std::string changed_text(const checks::Verdict& verdict, const TargetHistory* history);

/// "Broken for 14 min (last healthy 13:48 UTC). Changed: address 10.0.0.9 → 10.0.0.4. Checked 12 s ago." The latest check need not agree with what is counted,
/// which is damped; that is said then.
std::string standing_text(const checks::Verdict& verdict, const Standing& standing,
                          std::optional<std::chrono::system_clock::time_point> now);

}  // namespace whylink::daemon
