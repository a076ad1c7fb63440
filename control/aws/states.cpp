#include "control/aws/states.hpp"

#include "checks/control/matches.hpp"
#include "config/ascii.hpp"

namespace whylink::control {

ConnectionState aws_connection_state(std::string_view word) {
    return lower_case(word) == "pending" ? ConnectionState::setting_up : connection_state(word);
}

}  // namespace whylink::control
