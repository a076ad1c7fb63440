// The TTL of a record, by the answers of resolvers that count it down while they keep it. Pure over the times that it is given.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "daemon/history/traits.hpp"

namespace whylink::daemon {

/// By the place that a trait has: the smallest TTL of the answers there.
using Ttls = std::map<std::string, std::uint32_t>;
Ttls ttls_of(const checks::Assessment& round);

/// What is seen lies anywhere between 0 and the record's TTL, so the largest of a whole lifetime counts: more than that is a
/// new TTL at once, less only after another lifetime.
class TtlClasses {
  public:
    using Clock = std::chrono::steady_clock;

    /// Adds the class of each place where it is known to the traits of the round.
    void add(const Ttls& ttls, Clock::time_point now, Traits& traits);

  private:
    struct Seen {
        Clock::time_point first;
        Clock::time_point at_max;  ///< when the largest one was seen
        std::uint32_t max = 0;
        std::uint32_t max_since = 0;  ///< of those that came after it
        bool known = false;           ///< for a whole lifetime
    };
    std::map<std::string, Seen> places_;
};

/// "300 s" of 271 to 300: the TTL that somebody has most likely configured.
std::string ttl_class(std::uint32_t largest_seen);

}  // namespace whylink::daemon
