// What else explains what the application says.
#include "checks/rule_parts.hpp"

namespace whylink::checks {

std::span<const Doubt> application_doubts() {
    return {};
}

}  // namespace whylink::checks
