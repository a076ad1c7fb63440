// The socket of one HTTP connection, which watches over the reading of each request: RESTinio has one
// time-out for waiting and reading together, and closes without a word what it cannot read.
#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace whylink::daemon::http {

/// Where the connection is in reading a request; shared with the operations under way.
class RequestWatch : public std::enable_shared_from_this<RequestWatch> {
  public:
    RequestWatch(asio::ip::tcp::socket& socket, std::chrono::steady_clock::duration time_out)
        : fd_(socket.native_handle()), time_out_(time_out), timer_(socket.get_executor()) {}

    void read_begins() { reading_ = true; }
    void read_ended(const asio::error_code& error);
    /// After who asked for the bytes has had them: a request is whole when no more are asked for.
    void read_handled();
    /// Before the connection ends: says why when it ends in the middle of a request.
    void ending();
    void closed();

  private:
    void give_up(std::string_view answer);

    int fd_;  ///< -1 when closed
    std::chrono::steady_clock::duration time_out_;
    asio::steady_timer timer_;
    bool reading_ = false;
    bool in_request_ = false;
};

/// A socket whose reads are watched. RESTinio calls these members by their names; what is not here is the
/// socket's own.
class Stream : public asio::ip::tcp::socket {
  public:
    /// A request has `time_out` from its first byte to its last.
    Stream(asio::ip::tcp::socket&& socket, std::chrono::steady_clock::duration time_out)
        : asio::ip::tcp::socket(std::move(socket)), watch_(std::make_shared<RequestWatch>(*this, time_out)) {}
    Stream(Stream&&) = default;
    ~Stream() { end_watch(); }

    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler handler) {
        const auto watch = watch_;
        if (watch) {
            watch->read_begins();
        }
        asio::ip::tcp::socket::async_read_some(
            buffers,
            [watch, handler = std::move(handler)](const asio::error_code& error, std::size_t length) mutable {
                if (watch) {
                    watch->read_ended(error);
                }
                handler(error, length);
                if (watch) {
                    watch->read_handled();
                }
            });
    }
    void shutdown(shutdown_type what, asio::error_code& error) {
        if (watch_) {
            watch_->ending();
        }
        asio::ip::tcp::socket::shutdown(what, error);
    }
    void close() {
        end_watch();
        asio::ip::tcp::socket::close();
    }

  private:
    void end_watch() {
        if (watch_) {
            watch_->closed();
        }
    }

    std::shared_ptr<RequestWatch> watch_;  ///< null once moved from
};

}  // namespace whylink::daemon::http
