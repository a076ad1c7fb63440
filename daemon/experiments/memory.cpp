#include "daemon/experiments/memory.hpp"

namespace whylink::daemon {

bool ExperimentMemory::due(const checks::FactSet&) const {
    return false;
}

void ExperimentMemory::made(const checks::FactSet&, std::vector<probes::Observation>) {}

const std::vector<probes::Observation>& ExperimentMemory::standing(const checks::FactSet&) {
    return results_;
}

void ExperimentMemory::passed() {}

}  // namespace whylink::daemon
