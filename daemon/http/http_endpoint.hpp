// The address at which the daemon is asked, who may ask, and the changes of both.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/http/access.hpp"
#include "daemon/http/gate.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"
#include "daemon/system/worker.hpp"

namespace whylink::daemon::http {

/// On the event loop, which it never makes wait for a client or a file.
class HttpEndpoint {
  public:
    /// What is worth a line of the log; any thread.
    struct Voice {
        std::function<void(std::string)> inform;
        std::function<void(std::string)> complain;
    };

    /// `disk` reads files that changed; it and `loop` must outlive the endpoint, and so must what `handler` refers to.
    HttpEndpoint(asio::io_context& loop, Worker& disk, Handler handler, const Limits& limits, Voice voice);
    HttpEndpoint(const HttpEndpoint&) = delete;
    HttpEndpoint& operator=(const HttpEndpoint&) = delete;

    /// Listens at `address` ("127.0.0.1:9797") instead of where it did, nowhere when it is empty, and lets in who has
    /// `access`. On an error everything stays as it was. Answers that are under way reach who asked for them.
    std::optional<std::string> move_to(const std::string& address, Access access);

    HttpStatus status() const { return server_.status(); }

  private:
    void look_again();
    void take(const Access& before, std::variant<Access, std::string> fresh);

    asio::io_context& loop_;
    Worker& disk_;
    Voice voice_;
    Gate gate_;
    Server server_;
    std::string address_;
    std::shared_ptr<const Access> access_ = std::make_shared<const Access>();
    std::string last_fault_;  ///< said already
    asio::steady_timer timer_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace whylink::daemon::http
