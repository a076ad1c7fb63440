#include "daemon/http/exposition.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "daemon/report/human/text.hpp"

namespace whylink::daemon::http {
namespace {

constexpr std::size_t piece_size = std::size_t{64} * 1024;

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : valid_utf8(text)) {
        switch (c) {
            case '\\':
                result += "\\\\";
                break;
            case '"':
                result += "\\\"";
                break;
            case '\n':
                result += "\\n";
                break;
            default:
                result += c;
        }
    }
    return result;
}

void append_number(std::string& out, double value) {
    // Beyond this not every whole number is a double.
    constexpr double whole_limit = 9'007'199'254'740'992;
    if (std::isnan(value)) {
        out += "NaN";
    } else if (std::isinf(value)) {
        out += value > 0 ? "+Inf" : "-Inf";
    } else if (std::fabs(value) < whole_limit && value == std::floor(value)) {
        const fmt::format_int text(static_cast<std::int64_t>(value));
        out.append(text.data(), text.size());
    } else {
        fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), value);
    }
}

/// A label's value is compared as text, so both formats have a canonical form: OpenMetrics' always has a
/// point.
std::string bound_label(MetricsFormat format, double bound) {
    std::string text;
    append_number(text, bound);
    if (format == MetricsFormat::openmetrics && text.find_first_of(".eI") == std::string::npos) {
        text += ".0";
    }
    return "le=\"" + text + "\"";
}

}  // namespace

std::string label(std::string_view name, std::string_view value) {
    std::string result(name);
    result += "=\"";
    result += escaped(value);
    result += '"';
    return result;
}

MetricsPage::MetricsPage(MetricsFormat format, const std::function<void(std::string_view)>& piece)
    : format_(format), piece_(piece) {
    buffer_.reserve(piece_size + 4096);
}

void MetricsPage::begin(Metric metric) {
    family_ = &family(metric);
    has_head_ = false;
}

void MetricsPage::head() {
    std::string_view name = family_->name;
    // In OpenMetrics "_total" belongs to a counter's sample and not to its family.
    constexpr std::string_view total = "_total";
    if (format_ == MetricsFormat::openmetrics && family_->type == MetricType::counter) {
        name.remove_suffix(total.size());
    }
    fmt::format_to(std::back_inserter(buffer_), "# HELP {} {}\n# TYPE {} {}\n", name, family_->help, name,
                   slug(family_->type));
    has_head_ = true;
}

void MetricsPage::sample(std::initializer_list<std::string_view> labels, double value) {
    line({}, labels, {}, value);
}

void MetricsPage::histogram(std::initializer_list<std::string_view> labels, const Histogram& histogram) {
    double below = 0;
    for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
        below += static_cast<double>(histogram.counts()[i]);
        line("_bucket", labels, bound_label(format_, histogram.bounds()[i]), below);
    }
    line("_bucket", labels, "le=\"+Inf\"", static_cast<double>(histogram.count()));
    line("_sum", labels, {}, histogram.sum());
    line("_count", labels, {}, static_cast<double>(histogram.count()));
}

void MetricsPage::line(std::string_view suffix, std::initializer_list<std::string_view> labels,
                       std::string_view last, double value) {
    if (!has_head_) {
        head();
    }
    buffer_ += family_->name;
    buffer_ += suffix;
    const std::size_t before = buffer_.size();
    buffer_ += '{';
    for (const std::string_view part : labels) {
        buffer_ += part;
    }
    const bool has_labels = buffer_.size() > before + 1;
    if (has_labels && !last.empty()) {
        buffer_ += ',';
    }
    buffer_ += last;
    if (has_labels || !last.empty()) {
        buffer_ += "} ";
    } else {
        buffer_.back() = ' ';
    }
    append_number(buffer_, value);
    buffer_ += '\n';
    if (buffer_.size() >= piece_size) {
        hand_on();
    }
}

void MetricsPage::hand_on() {
    piece_(buffer_);
    buffer_.clear();
}

void MetricsPage::finish() {
    if (format_ == MetricsFormat::openmetrics) {
        buffer_ += "# EOF\n";
    }
    hand_on();
}

}  // namespace whylink::daemon::http
