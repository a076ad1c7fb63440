// A round judged by itself, for tests.
#pragma once

#include <utility>
#include <vector>

#include "checks/explain/explain.hpp"
#include "checks/judge.hpp"

namespace whylink::checks {

inline Verdict judged(const config::Target& target, probes::Round measured, TimePoint now,
                      Surroundings surroundings = {}) {
    return judge(target, assess(target, std::move(measured), now), surroundings);
}

/// Of ordinary probes alone.
inline Verdict judged(const config::Target& target, std::vector<probes::Observation> probes, TimePoint now,
                      Surroundings surroundings = {}) {
    probes::Round measured;
    measured.probes = std::move(probes);
    return judged(target, std::move(measured), now, surroundings);
}

}  // namespace whylink::checks
