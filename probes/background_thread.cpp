#include "probes/background_thread.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace whylink::probes {

void become_background_thread(const char* name) {
    // On Linux a nice value belongs to a thread (setpriority(2)).
    const auto self = static_cast<id_t>(gettid());
    setpriority(PRIO_PROCESS, self, std::max(getpriority(PRIO_PROCESS, self), 10));
    pthread_setname_np(pthread_self(), name);
}

}  // namespace whylink::probes
