#include "loopback.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

int require(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

}  // namespace

Fd::~Fd() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

BoundSocket::BoundSocket(const IpAddress& address, int type, int backlog)
    : fd_(require(::socket(SocketAddress(address, 0).family(), type | SOCK_CLOEXEC, 0), "socket")) {
    const SocketAddress any_port(address, 0);
    require(::bind(fd_.get(), any_port.data(), any_port.length()), "bind");
    if (backlog >= 0) {
        require(::listen(fd_.get(), backlog), "listen");
    }
    port_ = local_address(fd_.get()).port();
}

Fd BoundSocket::accept() const {
    return Fd(require(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
}

bool becomes_readable(int fd) {
    pollfd waiting{fd, POLLIN, 0};
    constexpr int generous = 30'000;
    return ::poll(&waiting, 1, generous) == 1;
}

}  // namespace whylink::probes
