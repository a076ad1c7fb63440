// The end of a command that has no report to show.
#pragma once

#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "daemon/report/formats.hpp"

namespace whylink::daemon {

/// Ends a command that makes a report without one, after the message on standard error: `status`, or what
/// the format has instead. `why`: its first line stands where the report would, if the format wants it.
int give_up(const ReportFormat& format, int status, std::string_view why);

/// Likewise for a wrong configuration. The lines stand without the program's name: they begin with the file's.
int give_up(const ReportFormat& format, const std::vector<config::Error>& errors);

}  // namespace whylink::daemon
