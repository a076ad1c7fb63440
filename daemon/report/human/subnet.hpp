// Where the failures of a group lie: many targets that fail alike in one subnet have one cause there.
#pragma once

#include <string>

#include "daemon/report/human/fold.hpp"

namespace whylink::daemon {

/// "No SYN-ACK from 10.0.3.0/24 (40 addresses)". Empty where the addresses that fail are in no small subnet, where an entry
/// has none, or where there is only one.
std::string subnet_text(const Group& group);

}  // namespace whylink::daemon
