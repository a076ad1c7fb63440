// Which of its two formats the metrics page has.
#pragma once

#include <string_view>

namespace whylink::daemon::http {

enum class MetricsFormat { prometheus, openmetrics };

/// By the Accept header (RFC 9110, section 12.5.1): OpenMetrics where it is asked for by name, in the version
/// that we speak and with at least the weight of text/plain, else the text format. A wildcard asks for text.
MetricsFormat metrics_format(std::string_view accept);
/// With its version.
std::string_view content_type(MetricsFormat format);

}  // namespace whylink::daemon::http
