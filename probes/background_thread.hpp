// A thread that works for the event loop and must not take its processor from it.
#pragma once

namespace whylink::probes {

/// Makes the calling thread a background thread: a nice value of 10, or its own where that is higher, and a name of at
/// most 15 bytes, as ps(1) and top(1) show it. Where the system refuses either, the thread works all the same.
void become_background_thread(const char* name);

}  // namespace whylink::probes
