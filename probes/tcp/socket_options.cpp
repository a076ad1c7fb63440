#include "probes/tcp/socket_options.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "probes/host/limits.hpp"
#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

std::optional<LocalError> bind_source(const IpAddress& source, int fd) {
    // Without it bind() takes a port for good that no other connection may use, even to other destinations
    // (ip(7)).
    const int on = 1;
    ::setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const SocketAddress address(source, 0);
    if (::bind(fd, address.data(), address.length()) != 0) {
        return system_error("bind " + source.to_string(), errno);
    }
    return std::nullopt;
}

}  // namespace

LocalError system_error(std::string operation, int error) {
    std::string text = std::generic_category().message(error);
    if (const std::string limit = limit_text(error); !limit.empty()) {
        text += ": " + limit;
    }
    return {std::move(operation), error, std::move(text)};
}

bool is_want_of_resources(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == EAGAIN;
}

bool means_no_route(int error) {
    return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

std::optional<LocalError> apply(const SocketOptions& options, int fd) {
    if (!options.interface.empty() && ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, options.interface.c_str(),
                                                   static_cast<socklen_t>(options.interface.size())) != 0) {
        return system_error("SO_BINDTODEVICE " + options.interface, errno);
    }
    if (options.mark && ::setsockopt(fd, SOL_SOCKET, SO_MARK, &*options.mark, sizeof *options.mark) != 0) {
        return system_error("SO_MARK " + std::to_string(*options.mark), errno);
    }
    return options.source_address ? bind_source(*options.source_address, fd) : std::nullopt;
}

bool has_route(const IpAddress& address, const SocketOptions& options) {
    const SocketAddress destination(address, 9);  // discard; nothing is sent
    if (options.source_address &&
        SocketAddress(*options.source_address, 0).family() != destination.family()) {
        return false;
    }
    const int fd = ::socket(destination.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return !means_no_route(errno);
    }
    bool route = true;
    if (!apply(options, fd) && ::connect(fd, destination.data(), destination.length()) != 0) {
        route = !means_no_route(errno);
    }
    ::close(fd);
    return route;
}

}  // namespace whylink::probes
