#include "daemon/texts/metrics.hpp"

#include <algorithm>

#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"
#include "daemon/texts/files.hpp"

namespace whylink::daemon {
namespace {

MetricText described(const http::MetricFamily& family) {
    return {.name = std::string(family.name),
            .type = family.type,
            .labels = std::string(family.labels),
            .help = std::string(family.help)};
}

MetricText described(const std::string& place, const std::string& name, checks::TextTable& table) {
    const std::string word = table.text("type");
    const auto type = from_slug<http::MetricType>(word);
    if (!type) {
        checks::refuse_text(place, "no type is " + word);
    }
    return {.name = name,
            .type = *type,
            .labels = table.optional_text("labels"),
            .help = table.text("help"),
            .planned = table.text("planned")};
}

/// `family` is null for a metric that is planned.
MetricText read_metric(const std::string& place, const config::Member& member,
                       const http::MetricFamily* family) {
    const auto* values = member.value.as<config::Table>();
    if (values == nullptr) {
        checks::refuse_text(place, "must be a table; found " + config::found_text(member.value));
    }
    checks::TextTable table(place, *values);
    MetricText metric = family != nullptr ? described(*family) : described(place, member.key, table);
    metric.unit = table.text("unit");
    metric.alert = table.text("alert");
    metric.sample = table.list("sample");
    metric.see = table.list("see");
    table.end();
    if (metric.sample.empty()) {
        checks::refuse_text(place, "there is no sample");
    }
    return metric;
}

}  // namespace

std::vector<MetricText> read_metric_texts(const config::EmbeddedToml& file) {
    const std::string name = std::string(file.name) + ".toml";
    const config::Table root = checks::parse_texts(file);
    std::vector<MetricText> all;
    for (const http::MetricFamily& family : http::metric_families()) {
        const config::Member* member = config::find(root, family.name);
        const std::string place = name + ", " + std::string(family.name);
        if (member == nullptr) {
            checks::refuse_text(place, "there is no such table");
        }
        all.push_back(read_metric(place, *member, &family));
    }
    for (const config::Member& member : root) {
        if (std::ranges::find(http::metric_families(), member.key, &http::MetricFamily::name) ==
            http::metric_families().end()) {
            all.push_back(read_metric(name + ", " + member.key, member, nullptr));
        }
    }
    return all;
}

std::span<const MetricText> metric_texts() {
    static const std::vector<MetricText> all =
        read_metric_texts(checks::text_file("metrics", explain_files()));
    return all;
}

}  // namespace whylink::daemon
