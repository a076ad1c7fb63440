// A TCP socket that goes to the event loop only when it has to wait.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/ip/tcp.hpp>
#include <optional>

#include "probes/observation.hpp"

namespace whylink::probes {

/// Closes at once with RST (SO_LINGER 0, socket(7)) where the connection is up, so that no TIME_WAIT is left
/// behind. An explicit close(): Asio's destructor would send FIN.
void close_with_reset(asio::ip::tcp::socket& socket);

/// How a stream's read ended it. ECONNRESET is RST; any other error is no end that the peer made.
StreamEnd stream_end(int read_error);

/// Owns a non-blocking descriptor; destroying it closes with RST. Most connections to a near host are up
/// before the first look at them: these never pay for a registration with epoll.
class StreamSocket {
  public:
    explicit StreamSocket(int fd) : fd_(fd) {}
    ~StreamSocket();
    StreamSocket(const StreamSocket&) = delete;
    StreamSocket& operator=(const StreamSocket&) = delete;

    int fd() const { return fd_; }
    /// Registers with the loop; the error is this host's.
    std::optional<LocalError> register_with(const asio::any_io_executor& executor, bool v6);
    /// The socket on the loop; once registered.
    asio::ip::tcp::socket& on_loop() { return *socket_; }
    /// Hands it over; once registered.
    asio::ip::tcp::socket release();

  private:
    int fd_;
    std::optional<asio::ip::tcp::socket> socket_;
};

}  // namespace whylink::probes
