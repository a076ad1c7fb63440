// The metrics page: Prometheus text format 0.0.4 or OpenMetrics 1.0.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "daemon/http/exposition.hpp"
#include "daemon/watch/snapshot.hpp"

namespace whylink::daemon::http {

/// By the Accept header (RFC 9110, section 12.5.1): OpenMetrics where it is asked for by name, in the version
/// that we speak and with at least the weight of text/plain, else the text format. A wildcard asks for text.
MetricsFormat metrics_format(std::string_view accept);
/// With its version.
std::string_view content_type(MetricsFormat format);

/// Hands the page out piece by piece, so that a large one is never held twice. Reads /proc/self for the
/// process's own metrics. Any thread.
void render_metrics(const Snapshot& snapshot, MetricsFormat format,
                    const std::function<void(std::string_view)>& piece);

}  // namespace whylink::daemon::http
