#include "daemon/history/ttl_classes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace whylink::daemon {
namespace {

/// What zones have; by default 10 s in private zones of Azure, 60 s and 300 s in those of AWS and Google.
constexpr std::array<std::uint32_t, 17> usual{0,   1,   5,    10,   20,   30,    60,    120,  300,
                                              600, 900, 1800, 3600, 7200, 14400, 43200, 86400};

}  // namespace

std::string ttl_class(std::uint32_t largest_seen) {
    const auto found = std::ranges::lower_bound(usual, largest_seen);
    return found == usual.end() ? fmt::format("over {} s", usual.back()) : fmt::format("{} s", *found);
}

void TtlClasses::add(const Ttls& ttls, Clock::time_point now, Traits& traits) {
    for (const auto& [place, ttl] : ttls) {
        Seen& seen = places_.try_emplace(place, Seen{now, now}).first->second;
        const std::chrono::seconds lifetime(seen.max);
        if (ttl >= seen.max) {
            seen.max = ttl;
            seen.at_max = now;
            seen.max_since = 0;
        } else if (now - seen.at_max > lifetime) {
            seen.max = std::max(seen.max_since, ttl);
            seen.at_max = now;
            seen.max_since = 0;
        } else {
            seen.max_since = std::max(seen.max_since, ttl);
        }
        seen.known = seen.known || now - seen.first >= std::chrono::seconds(seen.max);
        if (seen.known) {
            traits[{What::ttl, place}] = ttl_class(seen.max);
        }
    }
}

}  // namespace whylink::daemon
