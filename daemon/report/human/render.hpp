// The report for people.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/report/human/terminal.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// For each target its name, a line for each probe and, unless it is plainly healthy, the diagnosis; then one
/// line that counts. Nothing that came from the network can control the terminal.
///
/// Where there is a Standing, a line says when the target was checked (how long ago, when it is given what
/// time it is `now`) and since when it has counted as healthy or not, which the latest round alone need not
/// agree with.
std::string render_human(const Report& report, const HumanStyle& style,
                         std::optional<std::chrono::system_clock::time_point> now = std::nullopt);

}  // namespace whylink::daemon
