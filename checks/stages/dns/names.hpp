// What the queries of a round show together: the resolvers as a whole, and whether they agree.
#pragma once

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

FactSet summarise_names(const config::Target& target, const Assessment& round);

}  // namespace whylink::checks
