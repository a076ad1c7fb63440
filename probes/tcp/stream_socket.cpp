#include "probes/tcp/stream_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace whylink::probes {
namespace {

void reset_on_close(int fd) {
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

void close_with_reset(asio::ip::tcp::socket& socket) {
    if (!socket.is_open()) {
        return;
    }
    reset_on_close(socket.native_handle());
    asio::error_code ignored;
    socket.close(ignored);
}

StreamEnd stream_end(int read_error) {
    if (read_error == 0) {
        return StreamEnd::fin;
    }
    return read_error == ECONNRESET ? StreamEnd::rst : StreamEnd::none;
}

StreamSocket::~StreamSocket() {
    if (socket_) {
        close_with_reset(*socket_);
    } else if (fd_ >= 0) {
        reset_on_close(fd_);
        ::close(fd_);
    }
}

std::optional<LocalError> StreamSocket::register_with(const asio::any_io_executor& executor, bool v6) {
    if (socket_) {
        return std::nullopt;
    }
    socket_.emplace(executor);
    asio::error_code error;
    socket_->assign(v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), fd_, error);
    if (error) {
        socket_.reset();
        return LocalError{"epoll_ctl", error.value(), error.message()};
    }
    return std::nullopt;
}

asio::ip::tcp::socket StreamSocket::release() {
    asio::ip::tcp::socket socket = std::move(*socket_);
    socket_.reset();
    fd_ = -1;
    return socket;
}

}  // namespace whylink::probes
