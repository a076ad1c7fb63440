#include "daemon/run/shutdown.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>

namespace whylink::daemon {
namespace {

volatile std::sig_atomic_t exit_status = 0;

void leave(int) {
    _exit(exit_status);
}

}  // namespace

void exit_after(std::chrono::milliseconds limit, int status) {
    exit_status = status;
    std::signal(SIGALRM, leave);
    itimerval timer{};
    timer.it_value.tv_sec = limit.count() / 1000;
    timer.it_value.tv_usec = limit.count() % 1000 * 1000;
    setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace whylink::daemon
