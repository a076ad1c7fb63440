// How fast an API is asked. The limits are the account's, and the user's Terraform shares them, so that these are far
// below what the provider allows.
#pragma once

#include <chrono>
#include <optional>

#include "control/http/operations.hpp"

namespace whylink::control {

struct Pace {
    double burst = 1;
    double per_second = 1;
};

/// Of one key or account.
Pace pace_of(Api api);

class TokenBucket {
  public:
    using Clock = std::chrono::steady_clock;
    TokenBucket(Pace pace, Clock::time_point now) : pace_(pace), tokens_(pace.burst), at_(now) {}

    /// Takes a token and says when the call may be made: now, or a time to come. None, and nothing is taken, where that
    /// is after `until`.
    std::optional<Clock::time_point> take(Clock::time_point now, Clock::time_point until);
    /// None is given before then: what a 429 said.
    void close_until(Clock::time_point until);
    Clock::time_point closed_until() const { return closed_until_; }

  private:
    Pace pace_;
    double tokens_;
    Clock::time_point at_;
    Clock::time_point closed_until_{};
};

}  // namespace whylink::control
