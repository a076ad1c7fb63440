// The exit statuses of the commands.
#pragma once

#include "daemon/report/report.hpp"

namespace whylink::daemon {

inline constexpr int exit_healthy = 0;
inline constexpr int exit_unhealthy = 1;
inline constexpr int exit_usage = 2;    ///< the command line or the config is wrong
inline constexpr int exit_unknown = 3;  ///< it could not be found out, or not be said

/// In which the daemon's answer says what `whylink status` ends with.
inline constexpr auto exit_status_header = "Whylink-Exit-Status";

/// Of a report, in the formats that have no statuses of their own. Unknown only when every unhealthy target
/// is: what is known to be wrong comes first.
int exit_status(const Report& report);

}  // namespace whylink::daemon
