#include "probes/tcp/socket_address.hpp"

#include <ifaddrs.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>

namespace whylink::probes {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// The four bytes when the address is IPv4 or IPv4-mapped (RFC 4291 section 2.5.5.2).
std::span<const std::uint8_t> v4_bytes(const IpAddress& address) {
    const auto bytes = address.bytes();
    if (address.is_v4()) {
        return bytes;
    }
    return std::ranges::equal(bytes.first(12), mapped_prefix) ? bytes.last(4)
                                                              : std::span<const std::uint8_t>();
}

template <class Address>
std::span<const std::uint8_t> bytes_of(const Address& address) {
    return {reinterpret_cast<const std::uint8_t*>(&address), sizeof address};
}

}  // namespace

SocketAddress::SocketAddress(const IpAddress& address, std::uint16_t port) {
    if (const auto v4 = v4_bytes(address); !v4.empty()) {
        storage_.v4.sin_family = AF_INET;
        storage_.v4.sin_port = htons(port);
        std::memcpy(&storage_.v4.sin_addr, v4.data(), v4.size());
        length_ = sizeof storage_.v4;
    } else {
        storage_.v6.sin6_family = AF_INET6;
        storage_.v6.sin6_port = htons(port);
        std::memcpy(&storage_.v6.sin6_addr, address.bytes().data(), address.bytes().size());
        length_ = sizeof storage_.v6;
    }
}

std::optional<IpAddress> SocketAddress::address() const {
    if (family() == AF_INET) {
        return IpAddress::from_bytes(bytes_of(storage_.v4.sin_addr));
    }
    return family() == AF_INET6 ? IpAddress::from_bytes(bytes_of(storage_.v6.sin6_addr)) : std::nullopt;
}

std::uint16_t SocketAddress::port() const {
    if (family() == AF_INET) {
        return ntohs(storage_.v4.sin_port);
    }
    return family() == AF_INET6 ? ntohs(storage_.v6.sin6_port) : std::uint16_t{0};
}

std::optional<IpAddress> address_of(const sockaddr* socket_address) {
    if (socket_address == nullptr) {
        return std::nullopt;
    }
    SocketAddress copy;
    if (socket_address->sa_family == AF_INET) {
        std::memcpy(copy.data(), socket_address, sizeof(sockaddr_in));
    } else if (socket_address->sa_family == AF_INET6) {
        std::memcpy(copy.data(), socket_address, sizeof(sockaddr_in6));
    }
    return copy.address();
}

IpAddress on_the_wire(const IpAddress& address) {
    return SocketAddress(address, 0).address().value_or(address);
}

std::vector<IpAddress> interface_addresses() {
    std::vector<IpAddress> addresses;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) {
        return addresses;
    }
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, ::freeifaddrs);
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (const auto address = address_of(entry->ifa_addr)) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

SocketAddress local_address(int fd) {
    SocketAddress address;
    if (::getsockname(fd, address.data(), &address.length()) != 0) {
        return {};
    }
    return address;
}

}  // namespace whylink::probes
