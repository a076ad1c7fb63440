// Facts that are not older than a failure.
#pragma once

#include <memory>
#include <optional>

#include "checks/control/facts.hpp"

namespace whylink::control {

/// The same facts where none is too old, else a copy of those that are not. `facts` must outlive the result. Where this
/// host is (its addresses, subnets, network and region) does not change while it runs, so that it stays; which security
/// groups its interfaces have may.
std::shared_ptr<const Facts> fresh(const Facts& facts, std::optional<Time> since);

}  // namespace whylink::control
