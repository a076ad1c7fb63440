// The HTTP server, on the event loop. What it answers is in routes.hpp.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/http/message.hpp"

namespace whylink::daemon::http {

class Server {
  public:
    /// `complain` gets a line for what goes wrong beside a request (accepting, above all), at most one a
    /// second.
    Server(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain);
    /// Closes the listening socket and drops every connection.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// "127.0.0.1:9797", "[::1]:9797"; as config::Daemon::listen has been checked. An error text when this VM
    /// refuses. Listens at once, and until the server is destroyed.
    std::optional<std::string> listen(const std::string& address);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::daemon::http
