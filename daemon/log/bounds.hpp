// How much may be told: of all together, and of one target. Pure over the times that it is given, which do
// not go backwards.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace whylink::daemon {

/// A token bucket, full at first: `burst` at once, `per_second` in the long run.
class TokenBucket {
  public:
    using Clock = std::chrono::steady_clock;

    TokenBucket(double burst, double per_second, Clock::time_point now)
        : burst_(burst), per_second_(per_second), tokens_(burst), at_(now) {}

    double tokens(Clock::time_point now) const {
        const double gained = std::chrono::duration<double>(now - at_).count() * per_second_;
        return std::min(burst_, tokens_ + std::max(gained, 0.0));
    }
    bool take(Clock::time_point now) {
        const double available = tokens(now);
        if (available < 1) {
            return false;
        }
        tokens_ = available - 1;
        at_ = now;
        return true;
    }

  private:
    double burst_;
    double per_second_;
    double tokens_;
    Clock::time_point at_;
};

/// The latest times at which one target was told of: a few of its changes within a while are told at once,
/// the further ones at most once a minute.
class RecentlyTold {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t at_once = 6;
    static constexpr Clock::duration window = std::chrono::minutes(10);
    static constexpr Clock::duration pause = std::chrono::minutes(1);

    void add(Clock::time_point now) {
        times_[next_] = now;
        next_ = static_cast<std::uint8_t>((next_ + 1U) % at_once);
        size_ = static_cast<std::uint8_t>(std::min<std::size_t>(size_ + 1U, at_once));
    }
    /// When a change of `now` may be told; not before `now`.
    Clock::time_point allowed(Clock::time_point now) const {
        if (size_ < at_once) {
            return now;
        }
        const Clock::time_point oldest = times_[next_];
        const Clock::time_point latest = times_[(next_ + at_once - 1) % at_once];
        return std::max(now, std::min(oldest + window, latest + pause));
    }

  private:
    std::array<Clock::time_point, at_once> times_{};  ///< a ring
    std::uint8_t next_ = 0;
    std::uint8_t size_ = 0;
};

}  // namespace whylink::daemon
