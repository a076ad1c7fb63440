// What runs here: for whoever reads a bundle.
#pragma once

#include <string>

namespace whylink::daemon {

/// Lines "NAME VERSION": whylink, the kernel, the system, the libraries that decide what a check sees.
std::string versions_text();

/// "0.2.0"
std::string own_version();

}  // namespace whylink::daemon
