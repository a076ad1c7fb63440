// The exit statuses of the commands.
#pragma once

#include "daemon/report/report.hpp"

namespace whylink::daemon {

enum class Format { human, json, nagios };

inline constexpr int exit_healthy = 0;
inline constexpr int exit_unhealthy = 1;
inline constexpr int exit_usage = 2;    ///< the command line or the config is wrong
inline constexpr int exit_unknown = 3;  ///< it could not be found out, or not be said

/// Nagios reads 2 as CRITICAL, so a wrong command line or config is UNKNOWN (3) to it.
int usage_status(Format format);

/// With `nagios` the statuses of the plugin interface: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. Unknown only
/// when every unhealthy target is: what is known to be wrong comes first.
int exit_status(const Report& report, Format format);

}  // namespace whylink::daemon
