// The form that chooses targets. It works without scripts.
#pragma once

#include "daemon/page/input.hpp"
#include "daemon/page/query.hpp"

namespace whylink::daemon::page {

void write_filters(Html& html, const Snapshot& snapshot, const Query& query);

}  // namespace whylink::daemon::page
