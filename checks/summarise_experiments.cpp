#include "checks/experiments.hpp"

namespace whylink::checks {

FactSet summarise_experiments(const Subject&, std::span<const JudgedProbe>) {
    return {};
}

}  // namespace whylink::checks
