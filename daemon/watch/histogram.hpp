// A histogram of seconds with fixed bounds, cheap to count in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace whylink::daemon {

class Histogram {
  public:
    Histogram() = default;
    /// Upper bounds in seconds, ascending; a bucket without a bound follows the last. They must outlive the
    /// histogram: a constant array.
    explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

    /// Bounds are inclusive, as `le` of Prometheus has them. A negative value or NaN counts as 0.
    void observe(double seconds);

    std::span<const double> bounds() const { return bounds_; }
    /// One for each bound and one for what lies beyond; not cumulative.
    std::span<const std::uint64_t> counts() const { return counts_; }
    double sum() const { return sum_; }
    std::uint64_t count() const { return count_; }

  private:
    std::span<const double> bounds_;
    std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(1);
    double sum_ = 0;
    std::uint64_t count_ = 0;
};

/// 0.5 ms to 10 s.
std::span<const double> probe_duration_bounds();
/// 0.1 ms to 10 s.
std::span<const double> scheduler_lag_bounds();
/// 50 ms to 30 s.
std::span<const double> loop_stall_bounds();

}  // namespace whylink::daemon
