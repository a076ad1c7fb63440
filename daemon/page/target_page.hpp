// One target: what is wrong, what proves it, what to do, and what was before.
#pragma once

#include <string>

#include "daemon/history/past.hpp"
#include "daemon/page/input.hpp"

namespace whylink::daemon::page {

/// How far back it looks.
inline constexpr auto target_past = std::chrono::hours(7 * 24);

/// `past`: of this target; null: nothing is known.
std::string render_target(const Input& input, const TargetStatus& status, const TargetPast* past);

}  // namespace whylink::daemon::page
