// Between IP addresses as values and the sockaddr structures of the socket calls.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "config/address.hpp"

namespace whylink::probes {

/// A sockaddr_in or sockaddr_in6. An IPv4-mapped address becomes the IPv4 address inside: on the wire it is
/// IPv4, and only a socket of that family reports IPv4's ICMP errors.
class SocketAddress {
  public:
    /// Empty, with room for what the kernel fills in through data() and length().
    SocketAddress() = default;
    SocketAddress(const IpAddress& address, std::uint16_t port);

    /// AF_INET, AF_INET6, or AF_UNSPEC when empty.
    int family() const { return storage_.any.sa_family; }
    bool v6() const { return family() == AF_INET6; }
    const sockaddr* data() const { return &storage_.any; }
    sockaddr* data() { return &storage_.any; }
    socklen_t length() const { return length_; }
    socklen_t& length() { return length_; }

    /// Absent for any other family.
    std::optional<IpAddress> address() const;
    /// 0 for any other family.
    std::uint16_t port() const;

  private:
    union Storage {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
    };
    Storage storage_{};
    socklen_t length_ = sizeof(Storage);
};

/// Of what the kernel hands out by pointer; absent for null and for any other family.
std::optional<IpAddress> address_of(const sockaddr* socket_address);

/// An IPv4-mapped address is IPv4 on the wire.
IpAddress on_the_wire(const IpAddress& address);

/// Of this host's interfaces (getifaddrs(3)); none when they cannot be had.
std::vector<IpAddress> interface_addresses();

/// What getsockname(2) says; empty when it fails.
SocketAddress local_address(int fd);

}  // namespace whylink::probes
