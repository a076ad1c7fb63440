#include "support/connection_counter.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/ip/tcp.hpp>
#include <atomic>
#include <utility>
#include <vector>

namespace whylink::lab {

using asio::ip::tcp;

namespace {

bool is_up(tcp::socket& socket) {
    tcp_info info{};
    socklen_t length = sizeof info;
    return getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &length) == 0 &&
           info.tcpi_state == TCP_ESTABLISHED;
}

}  // namespace

struct ConnectionCounter::State : std::enable_shared_from_this<State> {
    explicit State(tcp::acceptor listening) : acceptor(std::move(listening)) {}

    void accept() {
        acceptor.async_accept([self = shared_from_this()](const asio::error_code& error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) {
                return;
            }
            if (!error) {
                self->add(std::move(socket));
            }
            self->accept();
        });
    }

    void add(tcp::socket socket) {
        // What the client ended before it began this one has ended in the kernel by now: one path, one order.
        std::erase_if(connections, [](tcp::socket& connection) { return !is_up(connection); });
        connections.push_back(std::move(socket));
        most = std::max(most.load(), connections.size());
        ++total;
    }

    tcp::acceptor acceptor;
    std::vector<tcp::socket> connections;
    std::atomic<std::size_t> total = 0;
    std::atomic<std::size_t> most = 0;
};

ConnectionCounter::ConnectionCounter(ServerLoop& loop, const Place& place)
    : state_(std::make_shared<State>(tcp::acceptor(
          loop.context(), place.address.is_v4() ? tcp::v4() : tcp::v6(), open_socket(place, SOCK_STREAM)))),
      port_(bound_port(state_->acceptor.native_handle())) {
    state_->accept();
}

std::size_t ConnectionCounter::total() const {
    return state_->total;
}

std::size_t ConnectionCounter::max_at_once() const {
    return state_->most;
}

}  // namespace whylink::lab
