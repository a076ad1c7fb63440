#include "probes/wake_ups.hpp"

#include <sys/socket.h>

namespace whylink::probes {
namespace {

void wake_from(int fd, int bytes) {
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
}

}  // namespace

void WakeUps::suspend(int fd) {
    constexpr int no_drip = 32 << 10;
    wake_from(fd, no_drip);
}

void WakeUps::resume(int fd) {
    wake_from(fd, 1);
}

}  // namespace whylink::probes
