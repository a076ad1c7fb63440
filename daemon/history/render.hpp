// The past for people: availability, a timeline, outages and what changed.
#pragma once

#include <string>

#include "daemon/history/past.hpp"
#include "daemon/report/human/terminal.hpp"

namespace whylink::daemon {

/// Fits 80 columns where the style does.
std::string render_past(const Past& past, const HumanStyle& style);

/// "99.2 %": never rounded up, so that 100 % means every round.
std::string availability_text(const TargetPast& target);

}  // namespace whylink::daemon
