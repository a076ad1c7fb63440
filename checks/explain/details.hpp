// What there is to say of each probe of a round beside its outcome, with numbers.
#pragma once

#include <string>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::checks {

/// At the places of the probes, tests and connections of the round; empty where there is nothing to say.
struct Details {
    std::vector<std::string> probes;
    std::vector<std::string> follow_ups;
    std::vector<std::string> holds;

    /// `probe` is one of `round.probes`.
    const std::string& of(const Assessment& round, const JudgedProbe& probe) const {
        return probes.at(static_cast<std::size_t>(&probe - round.probes.data()));
    }
};

Details details_of(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
