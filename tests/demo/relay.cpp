#include "relay.hpp"

#include <sys/socket.h>

#include <array>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <charconv>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "support/netns.hpp"

namespace whylink::demo {
namespace {

using asio::ip::tcp;
constexpr auto as_result = asio::experimental::as_tuple(asio::use_awaitable);

tcp::endpoint endpoint_of(const lab::Place& place) {
    return {asio::ip::make_address(place.address.to_string()), place.port};
}

tcp protocol_of(const lab::Place& place) {
    return place.address.is_v4() ? tcp::v4() : tcp::v6();
}

// Not connected yet. Throws what Netns::enter() throws.
tcp::socket socket_at(const asio::any_io_executor& executor, const lab::Place& place) {
    int fd = -1;
    const int family = place.address.is_v4() ? AF_INET : AF_INET6;
    place.netns->enter([&] { fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); });
    return tcp::socket(executor, protocol_of(place), fd);
}

struct Pair {
    tcp::socket outer;
    tcp::socket inner;

    void close() {
        asio::error_code ignored;
        outer.close(ignored);
        inner.close(ignored);
    }
};

// An end of one direction is not that of the other: who asks may have said all before the answer begins.
asio::awaitable<void> pump(std::shared_ptr<Pair> pair, tcp::socket& from, tcp::socket& to) {
    std::array<char, 16384> buffer;
    for (;;) {
        const auto [read_error, size] = co_await from.async_read_some(asio::buffer(buffer), as_result);
        if (read_error == asio::error::eof) {
            asio::error_code ignored;
            to.shutdown(tcp::socket::shutdown_send, ignored);
            co_return;
        }
        if (read_error) {
            break;
        }
        const auto [write_error, written] =
            co_await asio::async_write(to, asio::buffer(buffer.data(), size), as_result);
        if (write_error) {
            break;
        }
    }
    pair->close();
}

asio::awaitable<void> carry(tcp::socket outer, lab::Place place) {
    const auto executor = outer.get_executor();
    auto pair = std::make_shared<Pair>(Pair{std::move(outer), socket_at(executor, place)});
    const auto [error] = co_await pair->inner.async_connect(endpoint_of(place), as_result);
    if (error) {
        co_return;
    }
    asio::co_spawn(executor, pump(pair, pair->outer, pair->inner), asio::detached);
    asio::co_spawn(executor, pump(pair, pair->inner, pair->outer), asio::detached);
}

asio::awaitable<void> accept(tcp::acceptor acceptor, lab::Place place) {
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(as_result);
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
            co_return;
        }
        if (!error) {
            // What cannot be carried is closed, as a daemon would that is out of descriptors.
            asio::co_spawn(acceptor.get_executor(), carry(std::move(socket), place),
                           [](const std::exception_ptr&) {});
        }
    }
}

}  // namespace

std::optional<lab::Place> parse_place(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view address = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    const bool brackets = address.starts_with('[') && address.ends_with(']');
    if (brackets) {
        address = address.substr(1, address.size() - 2);
    }
    lab::Place place;
    const auto parsed = IpAddress::parse(address);
    const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), place.port);
    if (!parsed || parsed->is_v6() != brackets || fault != std::errc() || end != port.data() + port.size()) {
        return std::nullopt;
    }
    place.address = *parsed;
    return place;
}

Listener listen_at(const lab::Place& place) {
    Listener listener{lab::open_socket(place, SOCK_STREAM), place};
    listener.place.port = lab::bound_port(listener.fd);
    return listener;
}

void start_relay(lab::ServerLoop& loop, const Listener& listener, const lab::Place& to) {
    tcp::acceptor acceptor(loop.context(), protocol_of(listener.place), listener.fd);
    asio::co_spawn(loop.context(), accept(std::move(acceptor), to), asio::detached);
}

}  // namespace whylink::demo
