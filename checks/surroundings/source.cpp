#include "checks/surroundings/source.hpp"

namespace whylink::checks {

void Source::tell(const Assessment& /*round*/, Diagnosis& /*diagnosis*/) const {}

}  // namespace whylink::checks
