// How many descriptors this process may have.
#pragma once

#include <cstddef>

namespace whylink::daemon {

/// Raises the soft limit (getrlimit(2), RLIMIT_NOFILE) to the hard one; the limit that holds now.
std::size_t raise_open_files();

/// How many rounds so many descriptors are enough for, so that a check does not fail by its own number; at
/// least 1.
unsigned rounds_for(std::size_t open_files);

}  // namespace whylink::daemon
