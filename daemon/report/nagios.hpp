// The report as a monitoring plugin's output.
#pragma once

#include <string>
#include <string_view>

#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// A status line with counts as performance data, then a line for each target that is not plainly healthy
/// (Monitoring Plugins Development Guidelines, section "Plugin Output for Nagios").
std::string render_nagios(const Report& report);

/// "WHYLINK UNKNOWN - ..." for what kept a report from being made.
std::string nagios_unknown(std::string_view why);

}  // namespace whylink::daemon
