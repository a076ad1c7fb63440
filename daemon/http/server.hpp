// The HTTP server, on a thread of its own: the event loop that probes never sees a client. What it answers is in
// routes.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/http/message.hpp"
#include "daemon/watch/snapshot.hpp"

struct ssl_ctx_st;

namespace whylink::daemon::http {

/// What clients may take. After each of the times the connection is closed.
struct Limits {
    std::size_t connections = 256;
    std::size_t connections_of_peer = 20;
    std::size_t header = 8 << 10;  ///< bytes of all header fields; as many for the request line
    std::size_t body = 64 << 10;   ///< bytes, which are read and ignored
    std::size_t pending = std::size_t{64} << 20;  ///< bytes of all answers that wait to be read
    std::chrono::milliseconds first =
        std::chrono::seconds(5);  ///< until a first request begins, TLS included
    std::chrono::milliseconds idle = std::chrono::seconds(60);     ///< between requests
    std::chrono::milliseconds request = std::chrono::seconds(10);  ///< from its first byte to its last
    std::chrono::milliseconds handling =
        std::chrono::seconds(150);  ///< until there is an answer; a probe on demand takes 120 s at most
    std::chrono::milliseconds progress = std::chrono::seconds(10);  ///< for which a client may read nothing
    std::chrono::milliseconds writing = std::chrono::seconds(60);   ///< the whole answer
    /// For which a client reads nothing before it may be cut for the sake of others.
    std::chrono::milliseconds slow_reader = std::chrono::milliseconds(300);
    /// For which a connection may be idle before one that asks for several answers at once is cut for its sake.
    std::chrono::milliseconds grace = std::chrono::milliseconds(100);
};

/// On each connection one request is handled at a time. HEAD is answered as GET would be, without the body. When it is
/// full, the oldest idle connection makes room: first one of the same peer, then any.
class Server {
  public:
    /// `handler` and `complain` are called on the server's thread. `complain` gets a line for what goes wrong beside a
    /// request (accepting, above all), at most one a second.
    Server(Handler handler, std::function<void(std::string)> complain, const Limits& limits = {});
    /// Closes the listening socket and drops every connection. Not from within `handler`.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens at "127.0.0.1:9797" or "[::1]:9797" instead of where it did, nowhere when it is empty; by TLS when there
    /// is a context. An error text when this host refuses: then everything stays as it was. Connections of before get
    /// the answers that are under way, within two seconds.
    std::optional<std::string> listen(const std::string& address, std::shared_ptr<ssl_ctx_st> tls = nullptr);
    /// For the connections that come from now on; those of before are closed with their next answer.
    void use_tls(std::shared_ptr<ssl_ctx_st> tls);
    HttpStatus status() const;

  private:
    class Core;
    std::shared_ptr<Core> core_;
};

}  // namespace whylink::daemon::http
