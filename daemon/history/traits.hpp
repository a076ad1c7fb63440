// What a target is, as a round saw it. Pure.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "checks/judge.hpp"
#include "daemon/history/change.hpp"

namespace whylink::daemon {

/// A trait is kept for each place that it was seen at: a change of the one must not look like a change of the other.
struct TraitKey {
    What what = What::address;
    std::string
        place;  ///< an address of the target, or resolver, type and name; empty: of the target as a whole
    auto operator<=>(const TraitKey&) const = default;
};

/// Only what was seen is there: what a failed round could not see has not changed.
using Traits = std::map<TraitKey, std::string>;

Traits traits_of(const checks::Assessment& round);

struct TraitNews {
    std::vector<Change> changes;     ///< equal ones once; a first observation is none
    std::vector<TraitKey> replaced;  ///< or added
};

/// Of one target. A name whose addresses rotate has others each day, so that places beyond these are not followed.
inline constexpr std::size_t max_traits = 2048;

/// Takes over what `seen` has, and tells what differs from before.
TraitNews take_over(Traits& known, const Traits& seen, std::chrono::system_clock::time_point at);

}  // namespace whylink::daemon
