// What `GET /probe` answers, as text.
#pragma once

#include <string>

#include "daemon/probe/result.hpp"

namespace whylink::daemon {

/// Prometheus text 0.0.4, which is all that blackbox_exporter has: its metrics, by its names, and whylink's.
inline constexpr auto probe_page_type = "text/plain; version=0.0.4; charset=utf-8";
std::string probe_metrics(const ProbeResult& result);

/// `debug=true`: the log of the probe, the metrics, and the report for people.
std::string probe_debug_page(const ProbeResult& result, const std::string& vantage_point);

}  // namespace whylink::daemon
