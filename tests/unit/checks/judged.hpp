// A round judged by itself, for tests.
#pragma once

#include <utility>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::checks {

inline Verdict judged(const config::Target& target, std::vector<probes::Observation> observations,
                      TimePoint now, Surroundings surroundings = {}) {
    return judge(target, assess(target, std::move(observations), now), surroundings);
}

}  // namespace whylink::checks
