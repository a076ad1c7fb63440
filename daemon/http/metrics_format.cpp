#include "daemon/http/metrics_format.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "daemon/http/accept.hpp"

namespace whylink::daemon::http {
namespace {

bool is_version(const Preference& range, std::string_view version) {
    const std::string_view asked = range.parameter("version");
    return asked.empty() || asked == version;
}

double openmetrics_weight(std::span<const Preference> ranges) {
    double weight = 0;
    for (const Preference& range : ranges) {
        if (range.value == "application/openmetrics-text" && is_version(range, "1.0.0")) {
            weight = std::max(weight, range.weight);
        }
    }
    return weight;
}

/// The most specific range that covers the text format decides.
double text_weight(std::span<const Preference> ranges) {
    int best = 0;
    double weight = 0;
    for (const Preference& range : ranges) {
        const int specific = range.value == "text/plain" && is_version(range, "0.0.4") ? 3
                             : range.value == "text/*"                                 ? 2
                             : range.value == "*/*"                                    ? 1
                                                                                       : 0;
        if (specific == 0 || specific < best) {
            continue;
        }
        weight = specific > best ? range.weight : std::max(weight, range.weight);
        best = specific;
    }
    return weight;
}

}  // namespace

MetricsFormat metrics_format(std::string_view accept) {
    const std::vector<Preference> ranges = preferences(accept);
    const double openmetrics = openmetrics_weight(ranges);
    return openmetrics > 0 && openmetrics >= text_weight(ranges) ? MetricsFormat::openmetrics
                                                                 : MetricsFormat::prometheus;
}

std::string_view content_type(MetricsFormat format) {
    return format == MetricsFormat::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace whylink::daemon::http
