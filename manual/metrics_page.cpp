#include <algorithm>

#include "daemon/texts/metrics.hpp"
#include "manual/pages.hpp"

namespace whylink::manual {
namespace {

void add_metric(Roff& page, const daemon::MetricText& metric) {
    const std::string type(slug(metric.type));
    const std::string labels = metric.labels.empty() ? "" : "; labels: " + metric.labels;
    page.item("`" + metric.name + "`",
              {metric.help, "Type: " + type + "; unit: " + metric.unit + labels + ".", metric.alert});
    page.item_example(metric.sample);
}

}  // namespace

std::string metrics_page(const Release& release) {
    Roff page("whylink-metrics", 7, "metrics of the whylink daemon", release);
    page.heading("DESCRIPTION");
    page.paragraph(
        "The daemon serves these metrics at `/metrics` of `daemon.listen`, by default `http://127.0.0.1:9797/metrics`. "
        "The format is that of Prometheus, or OpenMetrics 1.0 if `Accept` prefers it.");
    page.paragraph(
        "`/usr/share/doc/whylink/alerts.yml` has alert rules. `whylink explain NAME` explains a metric, an outcome or a "
        "cause.");
    page.heading("METRICS");
    for (const daemon::MetricText& metric : daemon::metric_texts()) {
        if (metric.planned.empty()) {
            add_metric(page, metric);
        }
    }
    page.references({"whylink(1)", "whylink.toml(5)"});
    return page.take();
}

}  // namespace whylink::manual
