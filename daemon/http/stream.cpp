#include "daemon/http/stream.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <string>

#include "daemon/system/call_later.hpp"

namespace whylink::daemon::http {
namespace {

std::string refusal(std::string_view status, std::string_view why) {
    return fmt::format(
        "HTTP/1.1 {}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: {}\r\n\r\n{}\n",
        status, why.size() + 1, why);
}

}  // namespace

void RequestWatch::read_ended(const asio::error_code& error) {
    reading_ = false;
    if (error) {
        in_request_ = false;
        timer_.cancel();
        return;
    }
    if (std::exchange(in_request_, true)) {
        return;
    }
    call_after(timer_, time_out_, [weak = weak_from_this()] {
        const auto watch = weak.lock();
        if (watch && watch->in_request_) {
            watch->give_up(refusal("408 Request Timeout", "the request took too long to arrive"));
        }
    });
}

void RequestWatch::read_handled() {
    if (reading_) {
        return;
    }
    in_request_ = false;
    timer_.cancel();
}

void RequestWatch::ending() {
    if (in_request_) {
        give_up(refusal("400 Bad Request", "this is no HTTP request, or it is too large"));
    }
}

/// The connection reads its end then, and closes by itself.
void RequestWatch::give_up(std::string_view answer) {
    in_request_ = false;
    timer_.cancel();
    if (fd_ < 0) {
        return;
    }
    // Nothing else is being written while a request is read: there is one at a time. What does not fit at
    // once is not worth waiting for.
    static_cast<void>(::send(fd_, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    static_cast<void>(::shutdown(fd_, SHUT_RDWR));
}

void RequestWatch::closed() {
    fd_ = -1;
    in_request_ = false;
    timer_.cancel();
}

}  // namespace whylink::daemon::http
