// What `whylink explain` says of each metric: the table of the families, and metrics.toml.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/embedded.hpp"
#include "daemon/http/metric_families.hpp"

namespace whylink::daemon {

struct MetricText {
    std::string name;
    http::MetricType type = http::MetricType::gauge;
    std::string labels = {};  ///< for people; empty: none
    std::string help = {};
    std::string unit = {};
    std::string alert = {};                ///< what to alert on, or why not
    std::vector<std::string> sample = {};  ///< lines of the page
    std::vector<std::string> see = {};
    std::string planned = {};  ///< what this version does not do; empty: the page has the metric
};

/// In the order of the page, planned ones last. Read when first asked for.
std::span<const MetricText> metric_texts();

/// Of another file than the one that is built in; throws std::logic_error for what is wrong with it.
std::vector<MetricText> read_metric_texts(const config::EmbeddedToml& file);

}  // namespace whylink::daemon
