#include "support/stream_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/server_tls.hpp"

namespace whylink::lab {
namespace {

using asio::ip::tcp;
constexpr auto as_result = asio::experimental::as_tuple(asio::use_awaitable);

// A behaviour with its TLS contexts made.
struct Script {
    StreamBehaviour behaviour;
    ServerContext tls;
    std::vector<std::pair<std::string, std::shared_ptr<const Script>>> by_name;

    static std::shared_ptr<const Script> make(const StreamBehaviour& behaviour) {
        auto script = std::make_shared<Script>();
        script->behaviour = behaviour;
        script->behaviour.by_name.clear();
        if (behaviour.tls) {
            script->tls = make_server_context(*behaviour.tls);
        }
        for (const auto& named : behaviour.by_name) {
            script->by_name.emplace_back(named.server_name, make(named.behaviour));
        }
        return script;
    }
};
using ScriptPtr = std::shared_ptr<const Script>;

class Connection {
  public:
    explicit Connection(tcp::socket socket) : socket_(std::move(socket)), timer_(socket_.get_executor()) {}

    asio::awaitable<void> play(ScriptPtr script) {
        if (!script->by_name.empty()) {
            const auto name = co_await peek_server_name();
            const auto row =
                std::ranges::find_if(script->by_name, [&](const auto& entry) { return entry.first == name; });
            if (row != script->by_name.end()) {
                script = ScriptPtr(row->second);
            }
        }
        Ending ending = script->behaviour.ending;
        auto handshake_ended = ServerTls::Progress::done;
        if (script->tls) {
            tls_.emplace(script->tls);
            handshake_ended = co_await handshake(*script->behaviour.tls);
        }
        if (handshake_ended == ServerTls::Progress::done) {
            co_await talk(script->behaviour);
        } else if (handshake_ended == ServerTls::Progress::failed) {
            ending = Ending::close;
        }
        co_await end(ending);
    }

  private:
    // Appends what the client sends next to early_, a PROXY header with what follows it; false at the client's end.
    asio::awaitable<bool> receive() {
        bool more = co_await receive_once();
        if (more && is_header_alone(early_)) {
            co_await wait_for_bytes();
            asio::error_code ignored;
            if (socket_.available(ignored) > 0) {
                more = co_await receive_once();
            }
        }
        co_return more;
    }

    static bool is_header_alone(std::string_view bytes) {
        constexpr std::string_view v2_signature("\r\n\r\n\0\r\nQUIT\n", 12);
        constexpr std::size_t fixed_size = 16;  // its last two bytes say how much more there is
        if (bytes.size() < fixed_size || !bytes.starts_with(v2_signature)) {
            return false;
        }
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
        return bytes.size() == fixed_size + byte(14) * std::size_t{256} + byte(15);
    }

    // A client sends the header by itself. Who closed between the two would end with RST or with FIN, by chance.
    asio::awaitable<void> wait_for_bytes() {
        asio::error_code ignored;
        for (int waits = 0; waits < 100 && socket_.available(ignored) == 0; ++waits) {
            co_await wait(std::chrono::milliseconds(1));
        }
    }

    asio::awaitable<bool> receive_once() {
        std::array<char, 16384> buffer;
        const auto [error, size] = co_await socket_.async_read_some(asio::buffer(buffer), as_result);
        early_.append(buffer.data(), size);
        ended_ = static_cast<bool>(error);
        co_return !ended_;
    }

    asio::awaitable<bool> send_raw(std::string bytes) {
        const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), as_result);
        co_return !error && size == bytes.size();
    }

    asio::awaitable<std::string> peek_server_name() {
        for (;;) {
            const auto name = server_name_in(early_);
            if (name) {
                co_return *name;
            }
            const bool more = co_await receive();
            if (!more) {
                co_return std::string();
            }
        }
    }

    // `wants_input` when the script stops in the middle.
    asio::awaitable<ServerTls::Progress> handshake(TlsService service) {
        std::size_t records = service.records;
        const bool limited = records > 0;
        for (;;) {
            tls_->feed(std::exchange(early_, {}));
            const auto progress = tls_->handshake();
            std::string output = tls_->take_output();
            if (limited) {
                output.resize(length_of_records(output, records));
            }
            const bool sent = co_await send_raw(std::move(output));
            if (!sent || progress == ServerTls::Progress::failed) {
                co_return ServerTls::Progress::failed;
            }
            if (progress == ServerTls::Progress::done || (limited && records == 0)) {
                co_return progress;
            }
            const bool more = co_await receive();
            if (!more) {
                co_return ServerTls::Progress::failed;
            }
            if (service.verdict_delay.count() > 0) {
                co_await wait(service.verdict_delay);
            }
        }
    }

    // The client's next bytes, decrypted where there is TLS; empty at its end.
    asio::awaitable<std::string> next_input() {
        for (;;) {
            std::string plain;
            if (!tls_) {
                plain = std::exchange(early_, {});
            } else {
                tls_->feed(std::exchange(early_, {}));
                if (tls_->read(plain) == ServerTls::Progress::failed) {
                    ended_ = true;
                }
            }
            if (!plain.empty() || ended_) {
                co_return plain;
            }
            co_await receive();
        }
    }

    asio::awaitable<bool> send(std::string bytes) {
        if (tls_) {
            tls_->write(bytes);
            bytes = tls_->take_output();
        }
        const bool sent = co_await send_raw(std::move(bytes));
        co_return sent;
    }

    asio::awaitable<void> wait(std::chrono::milliseconds delay) {
        timer_.expires_after(delay);
        co_await timer_.async_wait(as_result);
    }

    asio::awaitable<void> drip(std::string bytes, std::chrono::milliseconds pause) {
        for (const char byte : bytes) {
            const bool sent = co_await send(std::string(1, byte));
            if (!sent) {
                co_return;
            }
            co_await wait(pause);
        }
    }

    asio::awaitable<void> send_repeated(std::string bytes, std::uint64_t total) {
        for (std::uint64_t done = 0; done < total; done += bytes.size()) {
            const bool sent = co_await send(bytes);
            if (!sent) {
                co_return;
            }
        }
    }

    asio::awaitable<void> talk(const StreamBehaviour& behaviour) {
        if (behaviour.read_first) {
            co_await next_input();
        }
        if (behaviour.drip.count() > 0) {
            co_await drip(behaviour.send, behaviour.drip);
        } else if (behaviour.send_total > 0) {
            co_await send_repeated(behaviour.send, behaviour.send_total);
        } else if (!behaviour.send.empty()) {
            co_await send(behaviour.send);
        }
        while (behaviour.echo && !ended_) {
            std::string input = co_await next_input();
            co_await send(std::move(input));
        }
    }

    asio::awaitable<void> end(Ending ending) {
        if (ending == Ending::hold) {
            while (!ended_) {
                co_await receive();
                early_.clear();
            }
            co_return;
        }
        asio::error_code ignored;
        if (ending == Ending::reset) {
            socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        }
        socket_.close(ignored);
    }

    tcp::socket socket_;
    asio::steady_timer timer_;
    std::optional<ServerTls> tls_;
    std::string early_;  // received and not yet looked at
    bool ended_ = false;
};

asio::awaitable<void> serve_one(ScriptPtr script, tcp::socket socket) {
    Connection connection(std::move(socket));
    co_await connection.play(std::move(script));
}

asio::awaitable<void> serve(ScriptPtr script, tcp::acceptor acceptor) {
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(as_result);
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
            co_return;
        }
        if (!error) {
            asio::co_spawn(acceptor.get_executor(), serve_one(script, std::move(socket)), asio::detached);
        }
    }
}

tcp::acceptor acceptor_at(ServerLoop& loop, const Place& place) {
    return {loop.context(), place.address.is_v4() ? tcp::v4() : tcp::v6(), open_socket(place, SOCK_STREAM)};
}

}  // namespace

// Of the loop's thread, but for its construction.
struct Gate::Queue {
    explicit Queue(asio::io_context& loop)
        : context(loop), filled(loop, asio::steady_timer::time_point::max()) {}

    asio::awaitable<ScriptPtr> next() {
        while (scripts.empty()) {
            co_await filled.async_wait(as_result);
        }
        ScriptPtr script = std::move(scripts.front());
        scripts.pop_front();
        co_return script;
    }

    static asio::awaitable<void> serve(std::shared_ptr<Queue> queue, tcp::acceptor acceptor) {
        for (;;) {
            auto [error, socket] = co_await acceptor.async_accept(as_result);
            if (error) {
                co_return;
            }
            ScriptPtr script = co_await queue->next();
            asio::co_spawn(queue->context, serve_one(std::move(script), std::move(socket)), asio::detached);
        }
    }

    asio::io_context& context;
    asio::steady_timer filled;  // never expires; cancelled when there is something
    std::deque<ScriptPtr> scripts;
};

Gate::Gate(ServerLoop& loop) : queue_(std::make_shared<Queue>(loop.context())) {}

void Gate::let(const StreamBehaviour& behaviour) {
    asio::post(queue_->context, [queue = queue_, script = Script::make(behaviour)] {
        queue->scripts.push_back(script);
        queue->filled.cancel();
    });
}

std::uint16_t start_stream_server(ServerLoop& loop, const Place& place, const StreamBehaviour& behaviour) {
    const ScriptPtr script = Script::make(behaviour);
    tcp::acceptor acceptor = acceptor_at(loop, place);
    const std::uint16_t port = bound_port(acceptor.native_handle());
    asio::co_spawn(loop.context(), serve(script, std::move(acceptor)), asio::detached);
    return port;
}

std::uint16_t start_stream_server(ServerLoop& loop, const Place& place, const Gate& gate) {
    tcp::acceptor acceptor = acceptor_at(loop, place);
    const std::uint16_t port = bound_port(acceptor.native_handle());
    asio::co_spawn(loop.context(), Gate::Queue::serve(gate.queue_, std::move(acceptor)), asio::detached);
    return port;
}

}  // namespace whylink::lab
