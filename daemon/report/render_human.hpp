// The report for people.
#pragma once

#include <string>

#include "daemon/report/report.hpp"
#include "daemon/report/terminal.hpp"

namespace whylink::daemon {

/// For each target its name, a line for each probe and, unless it is plainly healthy, the diagnosis; then one
/// line that counts. Nothing that came from the network can control the terminal.
std::string render_human(const ReportView& report, const HumanStyle& style);

}  // namespace whylink::daemon
