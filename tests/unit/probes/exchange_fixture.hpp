// Connections for the tests of what is said over them.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "loopback.hpp"
#include "probes/deadline.hpp"
#include "probes/tcp/stream.hpp"
#include "probes/tcp/tcp.hpp"
#include "probes/tls/tls.hpp"
#include "run_probe.hpp"
#include "support/stream_server.hpp"
#include "support/test_ca.hpp"

namespace whylink::probes {

/// Longer than any test takes.
inline constexpr std::chrono::seconds generous{30};

TcpProbe kept_connection(const IpAddress& address, std::uint16_t port);
/// Tries until the server, which is starting, accepts.
TcpResult connect_once_up(asio::io_context& loop, const TcpProbe& probe);
/// To a server on loopback; throws std::runtime_error when it is not there.
asio::ip::tcp::socket connect_to(asio::io_context& loop, std::uint16_t port,
                                 const IpAddress& address = loopback_v4);

/// All that is said until the peer ends the connection.
asio::awaitable<std::string> hear(asio::io_context& loop, Stream& stream);
asio::awaitable<std::string> say_and_hear(asio::io_context& loop, Stream& stream, std::string bytes);

/// A server for one connection that does as the test says, with blocking calls, in a thread of its own.
class OnePeer {
  public:
    explicit OnePeer(std::function<void(int fd)> act, const IpAddress& address = loopback_v4);
    ~OnePeer();
    OnePeer(const OnePeer&) = delete;
    OnePeer& operator=(const OnePeer&) = delete;
    std::uint16_t port() const { return listener_.port(); }
    /// Waits until it has done everything.
    void join();

  private:
    BoundSocket listener_;
    std::thread thread_;
};

/// Blocking; up to `size` bytes, fewer at the end.
std::string receive(int fd, std::size_t size);
/// Until the bytes end so, or the connection does.
std::string receive_until(int fd, const std::string& ending);
void transmit(int fd, const std::string& bytes);
/// The descriptor's owner closes it with RST.
void make_reset(int fd);
/// Until the kernel knows that the connection has been reset or closed by both sides.
void wait_for_hang_up(int fd);

// ---- TLS ----

inline const std::string tls_name = "app.example.test";
lab::TlsService tls_service();
lab::TlsService tls_service_for_clients();
/// Of a client that trusts that service's authority.
TlsProbe tls_probe(std::uint16_t port);
const lab::IssuedCertificate& certificate_of_another_name();

}  // namespace whylink::probes
