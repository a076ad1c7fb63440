// How long the way there and back took, of the latest rounds of a target: what a sparkline shows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "checks/judge.hpp"
#include "config/config.hpp"

namespace whylink::daemon {

/// Part of each TargetStatus, and therefore small.
class RttSamples {
  public:
    static constexpr std::size_t max_samples = 40;

    /// Of an endpoint the slowest handshake, by the kernel's own estimate; of a zone the slowest reply; of a watch the
    /// mean of its handshakes. A round that measured none leaves a gap.
    void add(config::TargetKind kind, const checks::Verdict& verdict);
    /// Seconds, the oldest first; NaN for a gap.
    std::vector<float> values() const {
        std::vector<float> in_order;
        for (std::size_t i = 0; i < count_; ++i) {
            in_order.push_back(seconds_[(next_ + max_samples - count_ + i) % max_samples]);
        }
        return in_order;
    }

  private:
    std::array<float, max_samples> seconds_{};
    std::uint8_t count_ = 0;
    std::uint8_t next_ = 0;
};

}  // namespace whylink::daemon
