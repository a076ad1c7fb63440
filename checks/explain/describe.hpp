// What the placeholders of a row's texts stand for in this round.
#pragma once

#include "checks/explain/details.hpp"
#include "checks/explain/wording.hpp"
#include "checks/judge.hpp"
#include "checks/table/rules.hpp"

namespace whylink::checks {

/// `row` is the cause's.
Wording wording_of(const config::Target& target, const Row& row, const Assessment& round,
                   const Details& details);

}  // namespace whylink::checks
