// Plain sockets on loopback, for the tests that need to see the peer's side.
#pragma once

#include <cstdint>

#include "config/address.hpp"

namespace whylink::probes {

inline const IpAddress loopback_v4 = IpAddress::v4({127, 0, 0, 1});
inline const IpAddress loopback_v6 = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

/// Owns a descriptor.
class Fd {
  public:
    explicit Fd(int fd = -1) : fd_(fd) {}
    ~Fd();
    Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    Fd& operator=(Fd&&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

/// A socket bound to a free port of a loopback address; listening when `backlog` is not negative. Throws
/// std::system_error.
class BoundSocket {
  public:
    BoundSocket(const IpAddress& address, int type, int backlog = -1);
    std::uint16_t port() const { return port_; }
    int fd() const { return fd_.get(); }
    /// Waits for the next connection.
    Fd accept() const;

  private:
    Fd fd_;
    std::uint16_t port_ = 0;
};

/// Whether the descriptor becomes readable (also: ends) within a generous time.
bool becomes_readable(int fd);

}  // namespace whylink::probes
