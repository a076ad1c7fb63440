// The listening socket: hands over connections one at a time, and rests when this host cannot accept any.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace whylink::daemon::http {

class Listener {
  public:
    using OnSocket = std::function<void(asio::ip::tcp::socket)>;

    /// `on_socket` gets each connection, `complain` a line when accepting begins to fail. Both are called on
    /// the event loop, and not after the listener has gone.
    Listener(asio::io_context& loop, OnSocket on_socket, std::function<void(std::string)> complain);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// "127.0.0.1:9797", "[::1]:9797". An error text when this host refuses.
    std::optional<std::string> open(const std::string& address);
    /// Accepts one connection, however long it takes: after an error (accept(2): no descriptors, above all)
    /// again each second. The connections that wait stay in the kernel's queue.
    void accept_one();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace whylink::daemon::http
