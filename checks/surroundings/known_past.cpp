#include "checks/surroundings/known_past.hpp"

namespace whylink::checks {

FactSet PastOf::facts(const Assessment& round) const {
    if (recall_ == nullptr || round.passed()) {
        return {};
    }
    const KnownPast past = recall_(round);
    FactSet facts = past.changed;
    facts.insert_if(past.never_healthy, Fact::never_healthy);
    facts.insert_if(past.healthy_for >= long_time, Fact::healthy_for_long);
    return facts;
}

}  // namespace whylink::checks
