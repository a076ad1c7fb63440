// Where it is measured from.
#pragma once

#include <string>

namespace whylink::daemon {

/// This VM's host name.
std::string vantage_point();

}  // namespace whylink::daemon
