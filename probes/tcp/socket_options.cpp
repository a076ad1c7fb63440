#include "probes/tcp/socket_options.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

LocalError failed(std::string operation) {
    const int error = errno;
    return {std::move(operation), error, std::generic_category().message(error)};
}

std::optional<LocalError> bind_source(const IpAddress& source, int fd) {
    // Without it bind() takes a port for good that no other connection may use, even to other destinations
    // (ip(7)).
    const int on = 1;
    ::setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const SocketAddress address(source, 0);
    if (::bind(fd, address.data(), address.length()) != 0) {
        return failed("bind " + source.to_string());
    }
    return std::nullopt;
}

bool means_no_route(int error) {
    return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

}  // namespace

std::optional<LocalError> apply(const SocketOptions& options, int fd) {
    if (!options.interface.empty() && ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, options.interface.c_str(),
                                                   static_cast<socklen_t>(options.interface.size())) != 0) {
        return failed("SO_BINDTODEVICE " + options.interface);
    }
    if (options.mark && ::setsockopt(fd, SOL_SOCKET, SO_MARK, &*options.mark, sizeof *options.mark) != 0) {
        return failed("SO_MARK " + std::to_string(*options.mark));
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
