// The first and the last line of a report.
#pragma once

#include "daemon/report/human/canvas.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// Why no packets were seen, where they would say more.
void write_head(Canvas& canvas, const Report& report);
/// How many are healthy, with the mark of the exit status.
void write_tally(Canvas& canvas, const Report& report);

}  // namespace whylink::daemon
