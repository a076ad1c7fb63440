// The address at which the daemon is asked, and its moves.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"

namespace whylink::daemon::http {

class HttpEndpoint {
  public:
    /// `complain` as that of Server.
    HttpEndpoint(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain);
    HttpEndpoint(const HttpEndpoint&) = delete;
    HttpEndpoint& operator=(const HttpEndpoint&) = delete;

    /// Listens at `address` ("127.0.0.1:9797") instead of where it did; nowhere when it is empty. On an error
    /// everything stays as it was. Connections of before live on for two seconds, for an answer to whoever
    /// asked for the move may be on its way over one of them.
    std::optional<std::string> move_to(const std::string& address);

    /// Empty: nowhere.
    const std::string& address() const { return address_; }

  private:
    std::unique_ptr<Server> new_server();
    std::optional<std::string> take_the_port(Server& server, const std::string& address);
    void retire(std::unique_ptr<Server> server);

    asio::io_context& loop_;
    Handler handler_;
    std::function<void(std::string)> complain_;
    std::string address_;
    asio::steady_timer linger_;
    std::unique_ptr<Server> retired_;
    std::unique_ptr<Server> server_;
};

}  // namespace whylink::daemon::http
