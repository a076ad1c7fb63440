// The HTTP server, on the event loop. What it answers is in routes.hpp.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/http/message.hpp"

namespace whylink::daemon::http {

/// After each of these the connection is closed. All but `request` are looked at once a second.
struct Timeouts {
    std::chrono::milliseconds idle = std::chrono::seconds(60);     ///< between requests
    std::chrono::milliseconds request = std::chrono::seconds(10);  ///< from its first byte to its last
    std::chrono::milliseconds handling =
        std::chrono::seconds(150);  ///< until there is an answer; a probe on demand takes 120 s at most
    std::chrono::milliseconds writing = std::chrono::seconds(60);  ///< the whole answer
};

/// At most 64 connections are open, and further ones wait; on each, one request is handled at a time. A
/// target has at most 16 KiB, a request at most 100 header fields of 8 KiB and 80 KiB in all, and a body 64
/// KiB, which is read and ignored. HEAD is answered as GET would be, without the body.
class Server {
  public:
    /// `complain` gets a line for what goes wrong beside a request (accepting, above all), at most one a
    /// second.
    Server(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain,
           const Timeouts& timeouts = {});
    /// Closes the listening socket and drops every connection.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// "127.0.0.1:9797", "[::1]:9797"; as config::Daemon::listen has been checked. An error text when this host
    /// refuses. Listens at once, until stop_listening() or the server's end.
    std::optional<std::string> listen(const std::string& address);
    /// For good. The connections that there are stay, and their requests are answered.
    void stop_listening();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace whylink::daemon::http
