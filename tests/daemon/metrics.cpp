#include "metrics.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace whylink::daemon_test {
namespace {

/// A sample's line, taken apart from the left.
class Line {
  public:
    explicit Line(std::string_view text) : text_(text), left_(text) {}

    Series series() {
        Series series;
        series.name = until("{ ");
        if (skip('{')) {
            while (!skip('}')) {
                std::string name = until("=");
                expect('=');
                series.labels[std::move(name)] = quoted();
                skip(',');
            }
        }
        expect(' ');
        series.value = std::stod(std::string(left_));
        return series;
    }

  private:
    [[noreturn]] void fail() const { throw std::runtime_error("no sample: " + std::string(text_)); }
    bool skip(char character) {
        const bool there = left_.starts_with(character);
        left_.remove_prefix(there ? 1 : 0);
        return there;
    }
    void expect(char character) {
        if (!skip(character)) {
            fail();
        }
    }
    std::string until(std::string_view ends) {
        const std::size_t end = left_.find_first_of(ends);
        if (end == 0 || end == std::string_view::npos) {
            fail();
        }
        std::string text(left_.substr(0, end));
        left_.remove_prefix(end);
        return text;
    }
    std::string quoted() {
        expect('"');
        std::string text;
        while (!skip('"')) {
            if (left_.empty()) {
                fail();
            }
            if (skip('\\') && left_.starts_with('n')) {
                text += '\n';
            } else {
                text += left_.substr(0, 1);
            }
            left_.remove_prefix(1);
        }
        return text;
    }

    std::string_view text_;
    std::string_view left_;
};

bool has(const Series& series, const Labels& labels) {
    return std::ranges::all_of(labels, [&series](const auto& wanted) {
        const auto found = series.labels.find(wanted.first);
        return found != series.labels.end() && found->second == wanted.second;
    });
}

}  // namespace

Metrics Metrics::parse(std::string_view page) {
    Metrics metrics;
    std::set<std::pair<std::string, Labels>> seen;
    while (!page.empty()) {
        const std::size_t end = page.find('\n');
        const std::string_view text = page.substr(0, end);
        page.remove_prefix(end == std::string_view::npos ? page.size() : end + 1);
        if (text.empty() || text.starts_with('#')) {
            continue;
        }
        Series series = Line(text).series();
        if (!seen.emplace(series.name, series.labels).second) {
            throw std::runtime_error("a series occurs twice: " + std::string(text));
        }
        metrics.series_.push_back(std::move(series));
    }
    return metrics;
}

std::vector<Series> Metrics::all(std::string_view name, const Labels& labels) const {
    std::vector<Series> found;
    std::ranges::copy_if(series_, std::back_inserter(found),
                         [&](const Series& series) { return series.name == name && has(series, labels); });
    return found;
}

std::optional<Series> Metrics::one(std::string_view name, const Labels& labels) const {
    std::vector<Series> found = all(name, labels);
    if (found.size() > 1) {
        throw std::runtime_error("several series of " + std::string(name));
    }
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<double> Metrics::value(std::string_view name, const Labels& labels) const {
    const auto series = one(name, labels);
    return series ? std::optional(series->value) : std::nullopt;
}

double Metrics::sum(std::string_view name, const Labels& labels) const {
    double sum = 0;
    for (const Series& series : all(name, labels)) {
        sum += series.value;
    }
    return sum;
}

bool Metrics::mentions(const std::string& label, const std::string& text) const {
    return std::ranges::any_of(series_, [&](const Series& series) { return has(series, {{label, text}}); });
}

}  // namespace whylink::daemon_test
