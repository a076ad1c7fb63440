#include "daemon/http/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <exception>
#include <future>
#include <thread>
#include <vector>

#include "daemon/http/address.hpp"
#include "daemon/http/connection.hpp"
#include "daemon/http/pending.hpp"
#include "daemon/http/transport.hpp"
#include "daemon/system/signals.hpp"
#include "probes/background_thread.hpp"

namespace whylink::daemon::http {
namespace {

using namespace std::chrono_literals;
namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using Clock = std::chrono::steady_clock;
using ConnectionPtr = std::shared_ptr<Connection>;

constexpr auto rest = 1s;
/// For answers that are on their way when the address changes.
constexpr auto linger = 2s;
/// The kernel would let the buffer of each slow reader grow to megabytes.
constexpr int send_buffer = 128 << 10;

std::string cannot_listen(const std::string& address, const error_code& error) {
    return fmt::format("cannot listen on {}: {}", address, error.message());
}

}  // namespace

class Server::Core final : public std::enable_shared_from_this<Core>, public ConnectionOwner {
  public:
    Core(Handler handler, std::function<void(std::string)> complain, const Limits& limits)
        : handler_(std::move(handler)), complain_(std::move(complain)), limits_(limits) {}

    void start();
    void stop();
    std::optional<std::string> listen(const std::string& address, std::shared_ptr<ssl_ctx_st> tls);
    void use_tls(std::shared_ptr<ssl_ctx_st> tls);
    HttpStatus status() const;
    /// To a request; any thread, and once the server has gone too.
    void respond(const std::weak_ptr<Connection>& to, std::uint64_t number, Response response);

    void handle(const ConnectionPtr& connection, Request request) override;
    bool reserve(const Connection& connection, const std::shared_ptr<const std::string>& text) override;
    void release(const std::shared_ptr<const std::string>& text) override;
    void ended(const Connection& connection) override;

  private:
    void run() noexcept;
    template <class What>
    void on_thread(What what);
    std::optional<std::string> take_the_port(const tcp::endpoint& endpoint, const std::string& address,
                                             std::shared_ptr<ssl_ctx_st> tls);
    void open(int fd, const tcp::endpoint& endpoint);
    void move_to(int fd, const tcp::endpoint& endpoint, std::shared_ptr<ssl_ctx_st> tls);
    void move_on();
    void retire_all();
    void accept();
    void rest_after(const error_code& error);
    void accepted(tcp::socket socket);
    bool make_room(const std::string& peer);
    template <class Fits>
    ConnectionPtr oldest(Fits fits, Clock::time_point (Connection::*age)() const) const;
    template <class Fits>
    ConnectionPtr slowest_reader(Fits fits) const;
    template <class Fits>
    ConnectionPtr victim_among(Fits candidate) const;
    void evict(const ConnectionPtr& connection);
    void complain(std::string what);

    Handler handler_;
    std::function<void(std::string)> complain_;
    const Limits limits_;
    net::io_context io_{1};
    net::executor_work_guard<net::io_context::executor_type> work_ = net::make_work_guard(io_);
    // Of the server's thread:
    tcp::acceptor acceptor_{io_};
    std::uint64_t listening_ = 0;  ///< which socket it is; what the ones before it accepted is let go
    bool on_loopback_ = false;
    std::shared_ptr<ssl_ctx_st> tls_;
    net::steady_timer rest_{io_};
    net::steady_timer linger_{io_};
    bool failed_before_ = false;
    std::vector<ConnectionPtr> connections_;  ///< in the order in which they came
    std::vector<std::weak_ptr<Connection>> moved_from_;
    PendingBytes pending_;
    Clock::time_point last_complaint_ = Clock::now() - 1h;
    // Of the thread of whoever owns the server:
    std::string address_;
    // Of all:
    std::atomic<std::uint64_t> open_ = 0;
    std::atomic<std::uint64_t> accepted_ = 0;
    std::atomic<std::uint64_t> evicted_ = 0;
    std::atomic<std::uint64_t> refused_ = 0;
    std::atomic<std::uint64_t> requests_ = 0;
    std::atomic<std::uint64_t> without_room_ = 0;
    std::atomic<std::uint64_t> pending_bytes_ = 0;
    std::thread thread_;
};

namespace {

/// The one answer that a request gets, whatever becomes of the function that is to give it.
class Answer {
  public:
    explicit Answer(std::function<void(Response)> give) : give_(std::move(give)) {}
    ~Answer() {
        try {
            give(plain(500, "the request was not answered"));
        } catch (const std::exception&) {
            // Out of memory: the time-out for handling closes the connection.
        }
    }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    void give(Response response) {
        if (!given_.exchange(true)) {
            give_(std::move(response));
        }
    }

  private:
    std::function<void(Response)> give_;
    std::atomic<bool> given_ = false;
};

}  // namespace

// ---- the thread ----

void Server::Core::start() {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
}

void Server::Core::run() noexcept {
    probes::become_background_thread("whylink-http");
    while (!io_.stopped()) {
        try {
            io_.run();
        } catch (const std::exception& fault) {
            complain(fmt::format("a connection failed: {}", fault.what()));
        }
    }
}

void Server::Core::stop() {
    net::post(io_, [this] {
        error_code ignored;
        acceptor_.close(ignored);
        for (const ConnectionPtr& connection : std::exchange(connections_, {})) {
            connection->close();
        }
        io_.stop();
    });
    thread_.join();
}

/// Waits for it.
template <class What>
void Server::Core::on_thread(What what) {
    std::packaged_task<void()> task(std::move(what));
    net::post(io_, [&task] { task(); });
    task.get_future().get();
}

void Server::Core::complain(std::string what) {
    const Clock::time_point now = Clock::now();
    if (now - last_complaint_ < 1s) {
        return;
    }
    last_complaint_ = now;
    complain_(std::move(what));
}

HttpStatus Server::Core::status() const {
    return {.connections = open_,
            .accepted = accepted_,
            .evicted = evicted_,
            .refused = refused_,
            .requests = requests_,
            .without_room = without_room_,
            .pending_bytes = pending_bytes_};
}

// ---- where it listens ----

std::optional<std::string> Server::Core::listen(const std::string& address, std::shared_ptr<ssl_ctx_st> tls) {
    if (address == address_) {
        use_tls(std::move(tls));
        return std::nullopt;
    }
    if (address.empty()) {
        net::post(io_, [this] { move_on(); });
        address_.clear();
        return std::nullopt;
    }
    const auto endpoint = parse_endpoint(address);
    if (!endpoint) {
        return fmt::format("cannot listen on {}: this is no address with a port", address);
    }
    const auto socket = listening_socket(*endpoint);
    std::optional<std::string> fault;
    if (const int* fd = std::get_if<int>(&socket)) {
        // The loop that probes is not made to wait for this thread, which clients may keep busy.
        net::post(io_, [this, fd = *fd, endpoint = *endpoint, tls] { move_to(fd, endpoint, tls); });
    } else {
        const auto before = parse_endpoint(address_);
        const bool own = before && before->port() == endpoint->port();
        fault = own ? take_the_port(*endpoint, address, std::move(tls))
                    : cannot_listen(address, std::get<error_code>(socket));
    }
    if (!fault) {
        address_ = address;
    }
    return fault;
}

/// What is in the way may be our own: 127.0.0.1:9797 is a part of 0.0.0.0:9797. When it was not, the old address is
/// listened on again.
std::optional<std::string> Server::Core::take_the_port(const tcp::endpoint& endpoint,
                                                       const std::string& address,
                                                       std::shared_ptr<ssl_ctx_st> tls) {
    std::optional<std::string> fault;
    on_thread([&] {
        error_code ignored;
        acceptor_.close(ignored);
        const auto socket = listening_socket(endpoint);
        if (const int* fd = std::get_if<int>(&socket)) {
            move_to(*fd, endpoint, std::move(tls));
            return;
        }
        fault = cannot_listen(address, std::get<error_code>(socket));
        const auto before = parse_endpoint(address_);
        const auto again = listening_socket(*before);
        if (const int* fd = std::get_if<int>(&again)) {
            open(*fd, *before);
        } else {
            complain(cannot_listen(address_, std::get<error_code>(again)));
        }
    });
    return fault;
}

void Server::Core::move_to(int fd, const tcp::endpoint& endpoint, std::shared_ptr<ssl_ctx_st> tls) {
    move_on();
    tls_ = std::move(tls);
    open(fd, endpoint);
}

void Server::Core::open(int fd, const tcp::endpoint& endpoint) {
    error_code error;
    acceptor_.assign(endpoint.protocol(), fd, error);
    ++listening_;
    failed_before_ = false;
    on_loopback_ = endpoint.address().is_loopback();
    accept();
}

/// From the address of before.
void Server::Core::move_on() {
    error_code ignored;
    acceptor_.close(ignored);
    rest_.cancel();
    ++listening_;
    moved_from_.assign(connections_.begin(), connections_.end());
    retire_all();
    linger_.expires_after(linger);
    linger_.async_wait([this](const error_code& error) {
        if (error) {
            return;
        }
        for (const auto& weak : std::exchange(moved_from_, {})) {
            if (const ConnectionPtr connection = weak.lock()) {
                connection->cut();
                ended(*connection);
            }
        }
    });
}

void Server::Core::use_tls(std::shared_ptr<ssl_ctx_st> tls) {
    net::post(io_, [this, tls = std::move(tls)] {
        if (tls == tls_) {
            return;
        }
        tls_ = tls;
        retire_all();
    });
}

void Server::Core::retire_all() {
    for (const ConnectionPtr& connection : connections_) {
        connection->retire();
    }
}

// ---- accepting ----

void Server::Core::accept() {
    acceptor_.async_accept([this, listening = listening_](const error_code& error, tcp::socket socket) {
        if (listening != listening_ || error == net::error::operation_aborted) {
            return;
        }
        if (error) {
            rest_after(error);
            return;
        }
        failed_before_ = false;
        try {
            accepted(std::move(socket));
        } catch (const std::exception& fault) {
            complain(fmt::format("cannot serve a connection: {}", fault.what()));
        }
        accept();
    });
}

/// What could not be accepted is still in the queue, so that at once would fail at once.
void Server::Core::rest_after(const error_code& error) {
    if (!std::exchange(failed_before_, true)) {
        complain(fmt::format("cannot accept connections: {}; trying again every second", error.message()));
    }
    rest_.expires_after(rest);
    rest_.async_wait([this, listening = listening_](const error_code& cancelled) {
        if (!cancelled && listening == listening_) {
            accept();
        }
    });
}

void Server::Core::accepted(tcp::socket socket) {
    error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (gone) {
        return;
    }
    ++accepted_;
    const std::string group = peer_of(peer.address());
    if (!make_room(group)) {
        ++refused_;
        return;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(net::socket_base::send_buffer_size(send_buffer), ignored);
    const bool tls = tls_ != nullptr;
    auto transport = tls ? tls_transport(std::move(socket), *tls_) : plain_transport(std::move(socket));
    const auto connection = std::make_shared<Connection>(
        *this, limits_, std::move(transport),
        Connection::Traits{.peer = group, .tls = tls, .on_loopback = on_loopback_});
    connections_.push_back(connection);
    open_ = connections_.size();
    connection->begin();
}

template <class Fits>
ConnectionPtr Server::Core::oldest(Fits fits, Clock::time_point (Connection::*age)() const) const {
    ConnectionPtr found;
    for (const ConnectionPtr& connection : connections_) {
        if (fits(*connection) && (!found || (*connection.*age)() < (*found.*age)())) {
            found = connection;
        }
    }
    return found;
}

/// Of those who have read nothing for a while.
template <class Fits>
ConnectionPtr Server::Core::slowest_reader(Fits fits) const {
    const auto slow = Clock::now() - limits_.slow_reader;
    return oldest(
        [&](const Connection& one) { return fits(one) && one.is_writing() && one.last_progress() < slow; },
        &Connection::last_progress);
}

/// Who loses least: idle for a while, ahead of its answers, slow to read, just come.
template <class Fits>
ConnectionPtr Server::Core::victim_among(Fits candidate) const {
    const auto oldest_of = [&](auto fits) {
        return oldest([&](const Connection& one) { return candidate(one) && fits(one); },
                      &Connection::idle_since);
    };
    const auto grace = Clock::now() - limits_.grace;
    ConnectionPtr victim =
        oldest_of([grace](const Connection& one) { return one.is_idle() && one.idle_since() < grace; });
    if (!victim) {
        victim = oldest_of([](const Connection& one) { return one.is_pipelining(); });
    }
    if (!victim) {
        victim = slowest_reader(candidate);
    }
    return victim ? victim : oldest_of([](const Connection& one) { return one.is_idle(); });
}

/// For one more connection of the peer.
bool Server::Core::make_room(const std::string& peer) {
    const auto own = [&peer](const Connection& one) { return one.peer() == peer; };
    const auto count = static_cast<std::size_t>(
        std::ranges::count_if(connections_, [&own](const ConnectionPtr& one) { return own(*one); }));
    const bool too_many_of_peer = count >= limits_.connections_of_peer;
    if (!too_many_of_peer && connections_.size() < limits_.connections) {
        return true;
    }
    const auto candidate = [&](const Connection& one) { return !too_many_of_peer || own(one); };
    const ConnectionPtr victim = victim_among(candidate);
    if (victim) {
        evict(victim);
    }
    return victim != nullptr;
}

void Server::Core::evict(const ConnectionPtr& connection) {
    ++evicted_;
    connection->cut();
    ended(*connection);
}

// ---- what its connections ask of it ----

void Server::Core::handle(const ConnectionPtr& connection, Request request) {
    ++requests_;
    const auto answer = std::make_shared<Answer>([core = weak_from_this(), to = std::weak_ptr(connection),
                                                  number = connection->number()](Response response) {
        if (const auto self = core.lock()) {
            self->respond(to, number, std::move(response));
        }
    });
    try {
        handler_(std::move(request), [answer](Response response) { answer->give(std::move(response)); });
    } catch (const std::exception& fault) {
        complain(fmt::format("a request failed: {}", fault.what()));
        answer->give(plain(500, "the request failed"));
    }
}

void Server::Core::respond(const std::weak_ptr<Connection>& to, std::uint64_t number, Response response) {
    net::post(io_, [to, number, response = std::move(response)]() mutable {
        if (const ConnectionPtr connection = to.lock()) {
            connection->respond(number, std::move(response));
        }
    });
}

/// Slow readers go before anybody gets 503.
bool Server::Core::reserve(const Connection& connection, const std::shared_ptr<const std::string>& text) {
    const auto others = [&connection](const Connection& one) { return &one != &connection; };
    while (pending_.total_with(text) > limits_.pending) {
        const ConnectionPtr victim = text->size() > limits_.pending ? nullptr : slowest_reader(others);
        if (!victim) {
            ++without_room_;
            return false;
        }
        evict(victim);
    }
    pending_.add(text);
    pending_bytes_ = pending_.total();
    return true;
}

void Server::Core::release(const std::shared_ptr<const std::string>& text) {
    pending_.remove(text);
    pending_bytes_ = pending_.total();
}

void Server::Core::ended(const Connection& connection) {
    std::erase_if(connections_, [&connection](const ConnectionPtr& one) { return one.get() == &connection; });
    open_ = connections_.size();
}

// ---- the server ----

Server::Server(Handler handler, std::function<void(std::string)> complain, const Limits& limits)
    : core_(std::make_shared<Core>(std::move(handler), std::move(complain), limits)) {
    core_->start();
}

Server::~Server() {
    core_->stop();
}

std::optional<std::string> Server::listen(const std::string& address, std::shared_ptr<ssl_ctx_st> tls) {
    return core_->listen(address, std::move(tls));
}

void Server::use_tls(std::shared_ptr<ssl_ctx_st> tls) {
    core_->use_tls(std::move(tls));
}

HttpStatus Server::status() const {
    return core_->status();
}

}  // namespace whylink::daemon::http
