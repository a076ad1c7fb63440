#include "daemon/http/http_endpoint.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include "daemon/system/call_later.hpp"

namespace whylink::daemon::http {
namespace {

constexpr auto linger = std::chrono::seconds(2);

std::string_view port_of(std::string_view address) {
    return address.substr(address.rfind(':') + 1);
}

}  // namespace

HttpEndpoint::HttpEndpoint(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain)
    : loop_(loop), handler_(std::move(handler)), complain_(std::move(complain)), linger_(loop) {}

std::optional<std::string> HttpEndpoint::move_to(const std::string& address) {
    if (address == address_) {
        return std::nullopt;
    }
    std::unique_ptr<Server> server;
    if (!address.empty()) {
        server = new_server();
        auto fault = server->listen(address);
        if (fault && server_ && port_of(address) == port_of(address_)) {
            fault = take_the_port(*server, address);
        }
        if (fault) {
            return fault;
        }
    }
    retire(std::exchange(server_, std::move(server)));
    address_ = address;
    return std::nullopt;
}

std::unique_ptr<Server> HttpEndpoint::new_server() {
    return std::make_unique<Server>(loop_, handler_, complain_);
}

/// What is in the way may be our own: 127.0.0.1:9797 is a part of 0.0.0.0:9797. When it was not, the old
/// address is listened on again.
std::optional<std::string> HttpEndpoint::take_the_port(Server& server, const std::string& address) {
    server_->stop_listening();
    auto fault = server.listen(address);
    if (!fault) {
        return std::nullopt;
    }
    auto again = new_server();
    if (auto lost = again->listen(address_)) {
        complain_(std::move(*lost));
    }
    retire(std::exchange(server_, std::move(again)));
    return fault;
}

void HttpEndpoint::retire(std::unique_ptr<Server> server) {
    if (server) {
        server->stop_listening();
    }
    retired_ = std::move(server);
    call_after(linger_, linger, [this] { retired_.reset(); });
}

}  // namespace whylink::daemon::http
