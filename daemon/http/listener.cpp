#include "daemon/http/listener.hpp"

#include <fmt/format.h>

#include <asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "config/resolver_text.hpp"
#include "daemon/system/call_later.hpp"

namespace whylink::daemon::http {
namespace {

using asio::ip::tcp;

constexpr auto rest = std::chrono::seconds(1);

/// Nothing for what is no address with a port.
std::optional<tcp::endpoint> parse_endpoint(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto port = config::parse_port(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    asio::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || !port) {
        return std::nullopt;
    }
    return tcp::endpoint(address, *port);
}

asio::error_code listen_on(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    asio::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(tcp::acceptor::max_listen_connections, error);
    }
    asio::error_code ignored;
    if (error) {
        acceptor.close(ignored);
    }
    return error;
}

}  // namespace

struct Listener::State : std::enable_shared_from_this<State> {
    State(asio::io_context& loop, OnSocket on, std::function<void(std::string)> complaint)
        : acceptor(loop), timer(loop), on_socket(std::move(on)), complain(std::move(complaint)) {}

    void accept() {
        acceptor.async_accept([weak = weak_from_this()](const asio::error_code& error, tcp::socket socket) {
            const auto state = weak.lock();
            if (!state || state->closed) {
                return;
            }
            if (error) {
                state->rest_after(error);
            } else {
                state->failed_before = false;
                state->on_socket(std::move(socket));
            }
        });
    }

    /// What could not be accepted is still in the queue, so that at once would fail at once.
    void rest_after(const asio::error_code& error) {
        if (!std::exchange(failed_before, true)) {
            complain(
                fmt::format("cannot accept connections: {}; trying again every second", error.message()));
        }
        call_after(timer, rest, [weak = weak_from_this()] {
            const auto state = weak.lock();
            if (state && !state->closed) {
                state->accept();
            }
        });
    }

    tcp::acceptor acceptor;
    asio::steady_timer timer;
    OnSocket on_socket;
    std::function<void(std::string)> complain;
    bool failed_before = false;
    bool closed = false;
};

Listener::Listener(asio::io_context& loop, OnSocket on_socket, std::function<void(std::string)> complain)
    : state_(std::make_shared<State>(loop, std::move(on_socket), std::move(complain))) {}

Listener::~Listener() {
    // A handler further up may hold the state a little longer; the port is free from here on.
    state_->closed = true;
    asio::error_code ignored;
    state_->acceptor.close(ignored);
    state_->timer.cancel();
}

std::optional<std::string> Listener::open(const std::string& address) {
    const auto endpoint = parse_endpoint(address);
    if (!endpoint) {
        return fmt::format("cannot listen on {}: this is no address with a port", address);
    }
    if (const asio::error_code error = listen_on(state_->acceptor, *endpoint)) {
        return fmt::format("cannot listen on {}: {}", address, error.message());
    }
    return std::nullopt;
}

void Listener::accept_one() {
    state_->accept();
}

}  // namespace whylink::daemon::http
