#include "daemon/watch/histogram.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace whylink::daemon {

void Histogram::observe(double seconds) {
    const double value = seconds > 0 ? seconds : 0;  // false for NaN as well
    const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    ++counts_[static_cast<std::size_t>(bucket)];
    sum_ += value;
    ++count_;
}

std::span<const double> probe_duration_bounds() {
    static constexpr std::array bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                       0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
    return bounds;
}

std::span<const double> scheduler_lag_bounds() {
    static constexpr std::array bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};
    return bounds;
}

std::span<const double> loop_stall_bounds() {
    static constexpr std::array bounds{0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0};
    return bounds;
}

}  // namespace whylink::daemon
