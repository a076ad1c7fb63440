#include "probes/tcp/stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "probes/tcp/stream_socket.hpp"

namespace whylink::probes {
namespace {

using Socket = asio::ip::tcp::socket;

bool is_not_yet(int error) {
    return error == EAGAIN || error == EINTR;
}

class PlainStream : public Stream {
  public:
    explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}
    ~PlainStream() override {
        if (!orderly_ || status_.closed || !socket_.is_open()) {
            close_with_reset(socket_);
            return;
        }
        ::send(fd(), farewell_.data(), farewell_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        asio::error_code ignored;
        socket_.close(ignored);
    }
    PlainStream(const PlainStream&) = delete;
    PlainStream& operator=(const PlainStream&) = delete;

    asio::awaitable<std::string> read(Deadline& deadline) override {
        status_.timed_out = false;
        std::string bytes(max_read, '\0');
        while (!status_.closed) {
            const ssize_t size = ::recv(fd(), bytes.data(), bytes.size(), 0);
            if (size > 0) {
                bytes.resize(static_cast<std::size_t>(size));
                co_return bytes;
            }
            if (size == 0 || !is_not_yet(errno)) {
                note_end(size < 0 ? errno : 0);
            } else if (!co_await becomes(Socket::wait_read, deadline)) {
                break;
            }
        }
        co_return std::string();
    }

    asio::awaitable<void> write(std::string_view bytes, Deadline& deadline) override {
        status_.timed_out = false;
        while (!bytes.empty() && !status_.closed && write_error_ == 0) {
            const ssize_t size = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (size >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(size));
            } else if (!is_not_yet(errno)) {
                write_error_ = errno;
            } else if (!co_await becomes(Socket::wait_write, deadline)) {
                co_return;
            }
        }
        if (!bytes.empty() && status_.error == 0) {
            status_.error = write_error_;
        }
    }

    void finish() override {
        orderly_ = true;
        ::shutdown(fd(), SHUT_WR);
    }

    Socket& socket() override { return socket_; }
    Socket release() override { return std::move(socket_); }

  private:
    int fd() { return socket_.native_handle(); }

    /// The kernel hands out what came before a RST first, and reports an error once: after a write got it,
    /// the read that follows sees an ordinary end. EPIPE only says that the end was there before.
    void note_end(int error) {
        status_.closed = true;
        status_.error = error == 0 && write_error_ != EPIPE ? write_error_ : error;
        status_.end = stream_end(status_.error);
    }

    Socket socket_;
    int write_error_ = 0;
};

}  // namespace

asio::awaitable<bool> Stream::becomes(Socket::wait_type what, Deadline& deadline) {
    status_.timed_out =
        deadline.passed() || co_await deadline.wait(socket(), what) == Deadline::Wait::expired;
    co_return !status_.timed_out;
}

StreamPtr plain_stream(Socket socket) {
    return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace whylink::probes
