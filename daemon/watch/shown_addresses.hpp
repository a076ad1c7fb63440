// Which of a target's addresses have series of their own in the metrics. Pure over the times that it is given.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "checks/judge.hpp"
#include "config/address.hpp"
#include "daemon/log/bounds.hpp"

namespace whylink::daemon {

/// Whoever owns a name's zone may answer with other addresses in each round, and a series lives in the store for weeks.
/// So at most `max_shown` addresses of a round have series, and in the long run `new_an_hour` get some that had none
/// before. Those that had some get them again, which makes no new series. Of one target.
class ShownAddresses {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t max_shown = 16;
    static constexpr std::size_t max_known =
        64;  ///< that had series; the one that was seen longest ago is forgotten
    static constexpr double new_an_hour = 64;  ///< as many at once at first

    explicit ShownAddresses(Clock::time_point now) : fresh_(new_an_hour, new_an_hour / 3600, now) {}

    /// The addresses of the round that have no series, sorted. Of new ones those that fail come first.
    std::vector<IpAddress> left_out_of(const checks::Verdict& verdict, Clock::time_point now);

  private:
    struct Known {
        IpAddress address;
        Clock::time_point seen;
    };
    bool is_known(const IpAddress& address) const;
    bool admit(const IpAddress& address, Clock::time_point now);

    std::vector<Known> known_;
    TokenBucket fresh_;
};

}  // namespace whylink::daemon
