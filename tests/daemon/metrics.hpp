// A metrics page in the Prometheus text format, read back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::daemon_test {

using Labels = std::map<std::string, std::string>;

struct Series {
    std::string name;
    Labels labels;
    double value = 0;
};

class Metrics {
  public:
    /// Throws std::runtime_error with the line that is no sample, and for a series that occurs twice.
    static Metrics parse(std::string_view page);

    /// The series of this name that have at least these labels.
    std::vector<Series> all(std::string_view name, const Labels& labels = {}) const;
    /// Their only one; none when there is no such series. Throws std::runtime_error when there are several.
    std::optional<Series> one(std::string_view name, const Labels& labels = {}) const;
    std::optional<double> value(std::string_view name, const Labels& labels = {}) const;
    /// Over all of them; 0 for none.
    double sum(std::string_view name, const Labels& labels = {}) const;
    /// Whether any series has this value of the label.
    bool mentions(const std::string& label, const std::string& text) const;

  private:
    std::vector<Series> series_;
};

}  // namespace whylink::daemon_test
