// What was before: outages, what changed, and the evidence files.
#pragma once

#include "daemon/history/past.hpp"
#include "daemon/page/input.hpp"

namespace whylink::daemon::page {

void write_outages(Html& html, const Input& input, const TargetPast& past);
void write_changes(Html& html, const Input& input, const TargetPast& past);
/// Those of the present outage and of the ones before; `past` may be null.
void write_evidence(Html& html, const Input& input, const TargetStatus& status, const TargetPast* past);

}  // namespace whylink::daemon::page
