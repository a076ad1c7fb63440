#include "support/server_loop.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "support/netns.hpp"

namespace whylink::lab {
namespace {

socklen_t fill(sockaddr_storage& storage, const Place& place) {
    storage = {};
    const auto bytes = place.address.bytes();
    if (place.address.is_v4()) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(place.port);
        std::ranges::copy(bytes, reinterpret_cast<std::uint8_t*>(&v4.sin_addr));
        return sizeof v4;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(place.port);
    std::ranges::copy(bytes, reinterpret_cast<std::uint8_t*>(&v6.sin6_addr));
    return sizeof v6;
}

int open_here(const Place& place, int type) {
    sockaddr_storage storage;
    const socklen_t length = fill(storage, place);
    const int fd = socket(storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, reinterpret_cast<const sockaddr*>(&storage), length) != 0 ||
        (type == SOCK_STREAM && listen(fd, SOMAXCONN) != 0)) {
        const int error = errno;
        close(fd);
        throw std::system_error(error, std::generic_category(),
                                "server at " + endpoint_text(place.address, place.port));
    }
    return fd;
}

}  // namespace

ServerLoop::ServerLoop() : work_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}

ServerLoop::~ServerLoop() {
    context_.stop();
    thread_.join();
}

int open_socket(const Place& place, int type) {
    if (place.netns == nullptr) {
        return open_here(place, type);
    }
    int fd = -1;
    place.netns->enter([&] { fd = open_here(place, type); });
    return fd;
}

std::uint16_t bound_port(int fd) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
        throw std::system_error(errno, std::generic_category(), "getsockname");
    }
    return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(storage).sin_port
                                              : reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
}

}  // namespace whylink::lab
