// The metrics page: Prometheus text format 0.0.4 or OpenMetrics 1.0.
#pragma once

#include <functional>
#include <string_view>

#include "daemon/http/exposition.hpp"
#include "daemon/watch/snapshot.hpp"

namespace whylink::daemon::http {

/// Hands the page out piece by piece, so that a large one is never held twice. Reads /proc/self for the
/// process's own metrics. Any thread.
void render_metrics(const Snapshot& snapshot, MetricsFormat format,
                    const std::function<void(std::string_view)>& piece);

}  // namespace whylink::daemon::http
