// What the placeholders of a row's texts stand for in this round.
#pragma once

#include <span>

#include "checks/explain/wording.hpp"
#include "checks/stages/subject.hpp"
#include "checks/table/rules.hpp"

namespace whylink::checks {

/// `row` is the cause's. `packets` as in Verdict.
Wording wording_of(const config::Target& target, const Row& row, std::span<const JudgedProbe> probes,
                   std::span<const probes::Observation> packets);

}  // namespace whylink::checks
