// The report for people.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/report/human/terminal.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// Of one target its block: what is wrong, what proves it, what to do. Of several a table first, worst first, then a block
/// for each distinct failure. The last line counts, and its mark is the exit status. Nothing that came from the network
/// can control the terminal.
///
/// Where there is a Standing, a line says since when the target has counted as healthy or not, which the latest round
/// alone need not agree with, and when it was checked: how long ago, when it is given what time it is `now`.
std::string render_human(const Report& report, const HumanStyle& style,
                         std::optional<std::chrono::system_clock::time_point> now = std::nullopt);

}  // namespace whylink::daemon
