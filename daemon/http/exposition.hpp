// The syntax of the two formats of a metrics page; what stands on it is in metrics.cpp.
//
// Prometheus text 0.0.4: prometheus.io/docs/instrumenting/exposition_formats. OpenMetrics 1.0: the
// specification of that name, section "Text format".
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "daemon/http/metric_families.hpp"
#include "daemon/http/metrics_format.hpp"
#include "daemon/watch/histogram.hpp"

namespace whylink::daemon::http {

/// `NAME="VALUE"`, the value escaped as both formats want it. Bytes that are no UTF-8 become `\xNN`: one of
/// them would cost the whole scrape.
std::string label(std::string_view name, std::string_view value);

/// Writes family after family, and hands the text on in pieces of some 64 KiB.
class MetricsPage {
  public:
    /// `piece` must outlive the page.
    MetricsPage(MetricsFormat format, const std::function<void(std::string_view)>& piece);

    /// Begins a family; it appears with its first sample. Each family once.
    void begin(Metric metric);
    /// `labels` are joined as they stand: label(), or parts of such text, with their commas.
    void sample(std::initializer_list<std::string_view> labels, double value);
    void histogram(std::initializer_list<std::string_view> labels, const Histogram& histogram);
    /// Hands the rest on; nothing may follow.
    void finish();

  private:
    void head();
    void line(std::string_view suffix, std::initializer_list<std::string_view> labels, std::string_view last,
              double value);
    void hand_on();

    MetricsFormat format_;
    const std::function<void(std::string_view)>& piece_;
    const MetricFamily* family_ = nullptr;
    bool has_head_ = false;
    std::string buffer_;
};

}  // namespace whylink::daemon::http
