// A connection that an application is spoken to over: TCP, or TLS upon it.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/deadline.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

/// How the last read or write ended.
struct StreamStatus {
    bool timed_out = false;
    bool closed = false;  ///< nothing more comes: FIN, RST, close_notify or an error
    StreamEnd end = StreamEnd::none;
    int error = 0;                 ///< errno
    std::vector<TlsAlert> alerts;  ///< of TLS, fatal ones and close_notify
    std::string library_error;
};

/// Owns the connection. Destroying it says close_notify where TLS is in good order, then closes with RST; the
/// bytes that the peer sent were read by then, for a reset loses them. Where it is to end in order, or owes a
/// farewell, it is closed with FIN instead.
class Stream {
  public:
    virtual ~Stream() = default;

    /// Up to 16 KiB of what is there, or waits for it until the deadline. Empty: see status(). What the peer
    /// sent before a RST comes first, also after a write that failed. With a deadline that has passed: what
    /// is there.
    virtual asio::awaitable<std::string> read(Deadline& deadline) = 0;
    /// All of it, or until the deadline or the connection's end; see status(). A write that failed sets
    /// `error` and not yet `closed`: what the peer said before it went is still to be read, and then its end.
    virtual asio::awaitable<void> write(std::string_view bytes, Deadline& deadline) = 0;
    const StreamStatus& status() const { return status_; }
    /// Nothing more is sent: close_notify and FIN, at once. What the peer still says can be read.
    virtual void finish() = 0;
    /// The peer minds a reset.
    void end_in_order() { orderly_ = true; }
    /// What the protocol wants said before the connection is closed. Sent when this is destroyed, as far as
    /// it can be without waiting.
    void owe_farewell(std::string bytes) {
        orderly_ = orderly_ || !bytes.empty();
        farewell_ = std::move(bytes);
    }

    /// The socket beneath.
    virtual asio::ip::tcp::socket& socket() = 0;
    /// Hands the socket on for a TLS handshake on it; only of a plain stream, which is of no use afterwards.
    virtual asio::ip::tcp::socket release() = 0;

  protected:
    static constexpr std::size_t max_read = 16U << 10U;

    /// Waits until the socket is ready; false when the deadline came first, which the status then says.
    asio::awaitable<bool> becomes(asio::ip::tcp::socket::wait_type what, Deadline& deadline);

    StreamStatus status_;
    std::string farewell_;
    bool orderly_ = false;
};

using StreamPtr = std::unique_ptr<Stream>;

/// `socket` must be non-blocking.
StreamPtr plain_stream(asio::ip::tcp::socket socket);

}  // namespace whylink::probes
