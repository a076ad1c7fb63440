#include "daemon/page/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include "checks/explain/text.hpp"

namespace whylink::daemon::page {
namespace {

// ---- the sparkline ----

constexpr double spark_width = 96;
constexpr double spark_height = 20;
/// Room for the line's own width.
constexpr double spark_margin = 2;

std::string seconds_text(float seconds) {
    return checks::duration_text(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<float>(seconds)));
}

std::string spark_path(const std::vector<float>& seconds, float largest) {
    const double step = (spark_width - 2 * spark_margin) / static_cast<double>(RttSamples::max_samples - 1);
    const double scale = (spark_height - 2 * spark_margin) / static_cast<double>(std::max(largest, 1e-9F));
    // The latest one is always at the right.
    double x = spark_width - spark_margin - step * static_cast<double>(seconds.size() - 1);
    std::string path;
    bool down = false;
    for (const float value : seconds) {
        if (!std::isnan(value)) {
            const double y = spark_height - spark_margin - static_cast<double>(value) * scale;
            path += fmt::format("{}{:.1f} {:.1f}", down ? "L" : "M", x, y);
            // A single value between two gaps is a dot: the line's end is round.
            path += down ? "" : "h0";
        }
        down = !std::isnan(value);
        x += step;
    }
    return path;
}

// ---- the strip ----

constexpr int part_width = 3;
constexpr int strip_height = 20;
constexpr int passed_height = 4;

/// Parts of one look next to each other are one rectangle.
struct Bar {
    std::string_view look;
    std::size_t begin = 0;
    std::size_t length = 0;
    int height = 0;
};

Bar bar_of(const Day::Count& count, std::size_t at) {
    if (count.rounds == 0) {
        return {"none", at, 1, passed_height};
    }
    if (count.passed >= count.rounds) {
        return {"healthy", at, 1, passed_height};
    }
    const double failed = 1 - static_cast<double>(count.passed) / static_cast<double>(count.rounds);
    // One failure among many must be seen, too.
    const int height = passed_height + static_cast<int>(std::ceil(failed * (strip_height - passed_height)));
    return {count.passed == 0 ? "failing" : "warning", at, 1, std::max(height, passed_height * 2)};
}

std::vector<Bar> bars_of(std::span<const Day::Count> parts) {
    std::vector<Bar> bars;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Bar bar = bar_of(parts[i], i);
        if (!bars.empty() && bars.back().look == bar.look && bars.back().height == bar.height) {
            ++bars.back().length;
        } else {
            bars.push_back(bar);
        }
    }
    return bars;
}

std::string strip_text(std::span<const Day::Count> parts, std::string_view span) {
    const auto failed =
        std::ranges::count_if(parts, [](const Day::Count& count) { return count.passed < count.rounds; });
    const auto known = std::ranges::count_if(parts, [](const Day::Count& count) { return count.rounds > 0; });
    if (known == 0) {
        return fmt::format("{}: no checks", span);
    }
    return failed == 0 ? fmt::format("{}: all checks passed", span)
                       : fmt::format("{}: checks failed in {} of {} parts", span, failed, known);
}

// ---- shares ----

constexpr double shares_width = 1000;

constexpr double waterfall_width = 200;
constexpr double least_span = 1.5;

}  // namespace

void write_sparkline(Html& html, const std::vector<float>& seconds, std::string_view what) {
    std::vector<float> known;
    std::ranges::copy_if(seconds, std::back_inserter(known), [](float value) { return !std::isnan(value); });
    if (known.size() < 2) {
        return;
    }
    const auto [least, largest] = std::ranges::minmax(known);
    const std::string label = fmt::format("{}, last {} checks: {} to {}", what, seconds.size(),
                                          seconds_text(least), seconds_text(largest));
    const auto svg = html.in(
        "svg", {{"class", "spark"}, {"viewBox", "0 0 96 20"}, {"role", "img"}, {"aria-label", label}});
    html.put("title", label);
    html.lone("path", {{"d", spark_path(seconds, largest)}});
}

void write_latest(Html& html, const std::vector<float>& seconds) {
    if (!seconds.empty() && !std::isnan(seconds.back())) {
        html.put("span", {{"class", "number"}}, seconds_text(seconds.back()));
    }
}

void write_strip(Html& html, std::span<const Day::Count> parts, std::string_view span) {
    const std::string label = strip_text(parts, span);
    const std::string box = fmt::format("0 0 {} {}", parts.size() * part_width, strip_height);
    const auto svg = html.in("svg", {{"class", "strip"},
                                     {"viewBox", box},
                                     {"preserveAspectRatio", "none"},
                                     {"role", "img"},
                                     {"aria-label", label}});
    html.put("title", label);
    for (const Bar& bar : bars_of(parts)) {
        const auto x = static_cast<int>(bar.begin) * part_width;
        const auto width = static_cast<int>(bar.length) * part_width;
        const std::string d =
            fmt::format("M{} {}h{}v{}h-{}z", x, strip_height - bar.height, width, bar.height, width);
        html.lone("path", {{"class", bar.look}, {"d", d}});
    }
}

void write_shares(Html& html, const std::vector<std::size_t>& by_state) {
    const auto all = std::accumulate(by_state.begin(), by_state.end(), std::size_t{0});
    if (all == 0) {
        return;
    }
    const auto svg = html.in("svg", {{"class", "shares"},
                                     {"viewBox", "0 0 1000 8"},
                                     {"preserveAspectRatio", "none"},
                                     {"aria-hidden", "true"}});
    double x = 0;
    for (std::size_t i = 0; i < by_state.size(); ++i) {
        const double width = shares_width * static_cast<double>(by_state[i]) / static_cast<double>(all);
        if (by_state[i] > 0) {
            // One of thousands must be seen, too.
            const std::string place = fmt::format("{:.1f}", x);
            const std::string shown = fmt::format("{:.1f}", std::max(width, 4.0));
            html.lone("rect", {{"class", slug(static_cast<State>(i))},
                               {"x", place},
                               {"y", "0"},
                               {"width", shown},
                               {"height", "8"}});
        }
        x += width;
    }
}

void write_span(Html& html, std::chrono::nanoseconds begin, std::chrono::nanoseconds took,
                std::chrono::nanoseconds whole, std::optional<State> state) {
    const double scale = waterfall_width / static_cast<double>(std::max<std::int64_t>(whole.count(), 1));
    const double width = std::clamp(static_cast<double>(took.count()) * scale, least_span, waterfall_width);
    const double x = std::clamp(static_cast<double>(begin.count()) * scale, 0.0, waterfall_width - width);
    const std::string place = fmt::format("{:.1f}", x);
    const std::string shown = fmt::format("{:.1f}", width);
    const auto svg = html.in("svg", {{"class", "span"},
                                     {"viewBox", "0 0 200 12"},
                                     {"preserveAspectRatio", "none"},
                                     {"aria-hidden", "true"}});
    html.lone("rect", {{"class", state ? slug(*state) : std::string_view("none")},
                       {"x", place},
                       {"y", "1"},
                       {"width", shown},
                       {"height", "10"}});
}

}  // namespace whylink::daemon::page
