#include "checks/surroundings/source.hpp"

namespace whylink::checks {

void Source::tell(Verdict& /*verdict*/) const {}

}  // namespace whylink::checks
