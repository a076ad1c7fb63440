// Whether a resolver's cache repeats what the zone no longer says, by what another resolver says of the same name.
#pragma once

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// The queries of the round and of its follow-up tests together. A difference alone is no proof: two resolvers may
/// have two views.
FactSet summarise_caches(const Assessment& round);

}  // namespace whylink::checks
