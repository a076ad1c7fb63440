// The end of the daemon, in time whatever hangs.
#pragma once

#include <chrono>

namespace whylink::daemon {

/// Ends the process with `status` after `limit`, even when it is stuck in a system call or a destructor: an
/// alarm of the kernel (setitimer(2)), whose handler does nothing but _exit(2). To be called once, when the
/// ordinary end begins.
void exit_after(std::chrono::milliseconds limit, int status);

}  // namespace whylink::daemon
