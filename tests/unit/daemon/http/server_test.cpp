#include "daemon/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace whylink::daemon::http {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto patience = 30s;

std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

/// A connection of raw bytes; every wait ends after `patience`.
class Client {
  public:
    /// Tag: not connected yet.
    static constexpr struct Later {
    } later{};

    explicit Client(std::uint16_t port) : Client(port, later) { open(port); }
    Client(std::uint16_t, Later) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval limit{patience / 1s, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    void open(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Client() { end(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void end() {
        if (fd_ >= 0) {
            close(fd_);
        }
        fd_ = -1;
    }
    void say(std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;  // the server may have closed already: what it says is what counts
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// One answer with Content-Length, or what there is until the end.
    std::string answer(bool with_body = true) {
        std::size_t head = 0;
        while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive()) {
                return std::exchange(buffer_, {});
            }
        }
        const std::size_t whole = head + 4 + (with_body ? content_length() : 0);
        while (buffer_.size() < whole && receive()) {
        }
        std::string text = buffer_.substr(0, whole);
        buffer_.erase(0, whole);
        return text;
    }
    /// Everything until the server closes; fails when it does not.
    std::string until_closed() {
        while (receive()) {
        }
        EXPECT_TRUE(closed_) << "the server kept the connection";
        return std::exchange(buffer_, {});
    }

  private:
    bool receive() {
        std::array<char, 4096> piece{};
        const ssize_t got = recv(fd_, piece.data(), piece.size(), 0);
        closed_ = got == 0 || (got < 0 && errno == ECONNRESET);
        if (got > 0) {
            buffer_.append(piece.data(), static_cast<std::size_t>(got));
        }
        return got > 0;
    }
    std::size_t content_length() const {
        constexpr std::string_view name = "Content-Length: ";
        const std::size_t at = buffer_.find(name);
        std::size_t length = 0;
        if (at != std::string::npos) {
            std::from_chars(buffer_.data() + at + name.size(), buffer_.data() + buffer_.size(), length);
        }
        return length;
    }

    int fd_;
    std::string buffer_;
    bool closed_ = false;
};

/// Polls until it holds.
bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        poll(nullptr, 0, 5);
    }
    return true;
}

/// Descriptors of this process that are connected sockets with this local port.
std::size_t connections_on(std::uint16_t port) {
    std::size_t count = 0;
    for (int fd = 0; fd < 1024; ++fd) {
        sockaddr_in local{};
        sockaddr_in peer{};
        socklen_t length = sizeof local;
        socklen_t peer_length = sizeof peer;
        if (getsockname(fd, reinterpret_cast<sockaddr*>(&local), &length) == 0 &&
            local.sin_family == AF_INET && ntohs(local.sin_port) == port &&
            getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_length) == 0) {
            ++count;
        }
    }
    return count;
}

/// Says what it was asked.
void echo(const Request& request, const Respond& respond) {
    Response response;
    response.body = request.method + " " + request.path;
    for (const auto& [key, value] : request.query) {
        response.body += " " + key + "=" + value;
    }
    response.headers.emplace_back("X-Accept", request.accept);
    respond(std::move(response));
}

/// A server on a loop and a thread of its own.
class Running {
  public:
    explicit Running(Handler handler = echo, const Timeouts& timeouts = {}) : handler_(std::move(handler)) {
        thread_ = std::thread([this] { loop_.run(); });
        on_loop([this, &timeouts] {
            server_ = std::make_unique<Server>(
                loop_,
                [this](Request request, Respond respond) {
                    handler_(std::move(request), std::move(respond));
                },
                [this](std::string line) {
                    const std::lock_guard lock(mutex_);
                    complaints_.push_back(std::move(line));
                },
                timeouts);
            EXPECT_EQ(server_->listen("127.0.0.1:" + std::to_string(port_)), std::nullopt);
        });
    }
    ~Running() {
        destroy_server();
        work_.reset();
        loop_.stop();
        thread_.join();
    }
    void on_loop(std::function<void()> what) {
        std::promise<void> done;
        asio::post(loop_, [&] {
            what();
            done.set_value();
        });
        done.get_future().wait();
    }
    void destroy_server() {
        on_loop([this] { server_.reset(); });
    }
    /// On the loop already.
    void destroy_server_now() { server_.reset(); }
    void stop_listening() {
        on_loop([this] { server_->stop_listening(); });
    }
    std::uint16_t port() const { return port_; }
    /// Established connections of the server's side, by their descriptors.
    std::size_t sockets() const { return connections_on(port_); }
    std::vector<std::string> complaints() {
        const std::lock_guard lock(mutex_);
        return complaints_;
    }

  private:
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(loop_);
    std::uint16_t port_ = free_port();
    Handler handler_;
    std::mutex mutex_;
    std::vector<std::string> complaints_;
    std::unique_ptr<Server> server_;
    std::thread thread_;
};

std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: vm\r\n\r\n";
}

TEST(Server, HandsTheRequestOverDecoded) {
    Running server;
    Client client(server.port());
    client.say(
        "GET /a%20b/%C3%A9?x=1&y=a%26b+c&x=2 HTTP/1.1\r\nHost: vm\r\nAccept: a/b\r\naccept: c/d\r\n\r\n");
    const std::string answer = client.answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nDate: "));
    EXPECT_THAT(answer, HasSubstr("\r\nX-Accept: a/b, c/d\r\n"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nGET /a b/\xC3\xA9 x=1 y=a&b c x=2"));
}

TEST(Server, TakesATargetInAbsoluteForm) {
    Running server;
    Client client(server.port());
    client.say(get("http://vm:9797/metrics?a=b"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /metrics a=b"));
    client.say(get("http://vm"));
    EXPECT_THAT(client.answer(), testing::EndsWith("GET /"));
}

TEST(Server, AnswersHeadWithoutABody) {
    Running server;
    Client client(server.port());
    client.say("HEAD /abc HTTP/1.1\r\nHost: vm\r\n\r\n");
    EXPECT_THAT(client.answer(false), HasSubstr("\r\nContent-Length: 9\r\n"));
    client.say(get("/next"));
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
    Running server;
    Client client(server.port());
    const std::string last = get("/c");
    client.say(get("/a") + get("/b") + last.substr(0, 10));
    EXPECT_THAT(client.answer(), HasSubstr("GET /a"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /b"));
    client.say(last.substr(10));
    EXPECT_THAT(client.answer(), HasSubstr("GET /c"));
}

TEST(Server, ClosesAfterARequestOfHttp10) {
    Running server;
    Client client(server.port());
    client.say("GET /old HTTP/1.0\r\n\r\n");
    EXPECT_THAT(client.until_closed(), HasSubstr("GET /old"));
}

TEST(Server, TakesBodiesOfBothKinds) {
    Running server;
    Client client(server.port());
    client.say(
        "POST /a HTTP/1.1\r\nHost: vm\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("POST /a"));
    client.say("PUT /b HTTP/1.1\r\nHost: vm\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_THAT(client.answer(), HasSubstr("PUT /b"));
}

TEST(Server, SendsALargeBodyWhole) {
    const std::string large(20 << 20, 'x');
    Running server([&large](const Request&, const Respond& respond) {
        Response response;
        response.body = large;
        respond(std::move(response));
    });
    Client client(server.port());
    client.say(get("/"));
    EXPECT_THAT(client.answer().size(), testing::Gt(large.size()));
}

TEST(Server, RefusesATargetThatIsNotEncodedProperly) {
    Running server;
    for (const std::string_view target : {"/%zz", "/%", "/%ff", "/?a", "/?a=%g1", "/?a=1&b"}) {
        Client client(server.port());
        client.say(get(target));
        EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 400 Bad Request\r\n")) << target;
    }
}

/// What no server can answer: the connection ends, and nobody else is harmed.
class BadBytes : public testing::TestWithParam<std::string> {};

TEST_P(BadBytes, EndTheConnectionAndNothingElse) {
    Running server;
    Client good(server.port());
    Client bad(server.port());
    bad.say(GetParam());
    EXPECT_THAT(bad.until_closed(), Not(HasSubstr(" 200 ")));
    good.say(get("/still"));
    EXPECT_THAT(good.answer(), HasSubstr("GET /still"));
}

std::string many_fields() {
    std::string text = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 200; ++i) {
        text += "X-" + std::to_string(i) + ": y\r\n";
    }
    return text + "\r\n";
}

std::string endless_chunks() {
    std::string text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 70; ++i) {
        text += "400\r\n" + std::string(0x400, 'x') + "\r\n";
    }
    return text;
}

INSTANTIATE_TEST_SUITE_P(Kinds, BadBytes,
                         testing::Values("\x01\x02garbage\r\n\r\n", std::string(10000, '\0'),
                                         std::string("\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03", 11) +
                                             std::string(240, 'r'),
                                         "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'y') + "\r\n\r\n",
                                         "GET / HTTP/1.1\r\n" + std::string(1000, 'y') + ": x\r\n\r\n",
                                         "GET /" + std::string(20'000, 'y') + " HTTP/1.1\r\n\r\n",
                                         many_fields(), endless_chunks(),
                                         "POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n",
                                         "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                                         "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                                         "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                                         "FROBNICATE / HTTP/1.1\r\n\r\n"));

TEST(Server, HalfARequestAndAnEndHarmNothing) {
    Running server;
    const std::string whole = "POST /a HTTP/1.1\r\nHost: vm\r\nContent-Length: 10\r\n\r\n12345";
    for (std::size_t length = 0; length < whole.size(); length += 5) {
        Client client(server.port());
        client.say(std::string_view(whole).substr(0, length));
    }
    Client client(server.port());
    client.say(get("/after"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /after"));
}

TEST(Server, SaysWhyItCannotRead) {
    Running server;
    Client client(server.port());
    client.say("\x01\x02garbage\r\n\r\n");
    const std::string answer = client.until_closed();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_THAT(answer, HasSubstr("this is no HTTP request"));
}

TEST(Server, WaitsForTheBodyOfWhoExpectsToContinue) {
    Running server;
    Client client(server.port());
    client.say("POST /a HTTP/1.1\r\nHost: vm\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    client.say("abc");
    EXPECT_THAT(client.answer(), HasSubstr("POST /a"));
}

TEST(Server, IgnoresAnUpgrade) {
    Running server;
    Client client(server.port());
    client.say("GET /a HTTP/1.1\r\nHost: vm\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("GET /a"));
    client.say(get("/b"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /b"));
    client.say("CONNECT vm:443 HTTP/1.1\r\nHost: vm\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("CONNECT vm:443"));
}

TEST(Server, ClosesAConnectionThatIsIdle) {
    Timeouts timeouts;
    timeouts.idle = 300ms;
    Running server(echo, timeouts);
    Client client(server.port());
    client.say(get("/a"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /a"));
    EXPECT_EQ(client.until_closed(), "");
}

TEST(Server, GivesUpOnARequestThatTakesTooLong) {
    Timeouts timeouts;
    timeouts.request = 300ms;
    Running server(echo, timeouts);
    Client client(server.port());
    client.say("GET / HTTP/1.1\r\nHo");
    EXPECT_THAT(client.until_closed(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST(Server, ClosesWhatIsNotAnswered) {
    Timeouts timeouts;
    timeouts.handling = 300ms;
    std::vector<Respond> kept;
    Running server([&kept](const Request&, Respond respond) { kept.push_back(std::move(respond)); },
                   timeouts);
    Client client(server.port());
    client.say(get("/"));
    EXPECT_EQ(client.until_closed(), "");
    server.on_loop([&kept] {
        kept.at(0)({});
        kept.clear();
    });
    EXPECT_THAT(server.complaints(), testing::IsEmpty());
}

TEST(Server, ClosesOnWhoDoesNotReadTheAnswer) {
    Timeouts timeouts;
    timeouts.writing = 300ms;
    std::atomic<int> answered = 0;
    Running server(
        [&answered](const Request&, const Respond& respond) {
            ++answered;
            Response response;
            response.body = std::string(50 << 20, 'x');
            respond(std::move(response));
        },
        timeouts);
    Client client(server.port());
    client.say(get("/a") + get("/b"));
    ASSERT_TRUE(eventually([&] { return answered.load() == 1; }));
    ASSERT_TRUE(eventually([&] { return server.sockets() == 0; }));
    EXPECT_THAT(client.until_closed().size(), testing::Lt(50U << 20));
    EXPECT_EQ(answered.load(), 1);
}

TEST(Server, SurvivesAnAnswerAfterTheClientHasGone) {
    std::promise<Respond> asked;
    Running server([&asked](const Request&, Respond respond) { asked.set_value(std::move(respond)); });
    {
        Client client(server.port());
        client.say(get("/"));
        Respond respond = asked.get_future().get();
        client.end();
        server.on_loop([&respond] {
            respond({});
            respond({});  // once is enough
            respond = nullptr;
        });
    }
    EXPECT_TRUE(eventually([&] { return server.sockets() == 0; }));
}

TEST(Server, AnswersForAHandlerThatDoesNot) {
    Running server([](const Request&, const Respond&) {});
    Client client(server.port());
    client.say(get("/"));
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
}

TEST(Server, AnswersForAHandlerThatThrows) {
    Running server([](const Request&, const Respond&) { throw std::runtime_error("broken"); });
    Client client(server.port());
    client.say(get("/"));
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
    EXPECT_THAT(server.complaints(), ElementsAre("a request failed: broken"));
}

TEST(Server, AnAnswerMayOutliveTheServerAndTheLoop) {
    std::vector<Respond> kept;
    {
        std::promise<void> asked;
        Running server([&](const Request&, Respond respond) {
            kept.push_back(std::move(respond));
            asked.set_value();
        });
        Client client(server.port());
        client.say(get("/"));
        asked.get_future().wait();
        server.destroy_server();
        EXPECT_EQ(client.until_closed(), "");
        server.on_loop([&kept] { kept.at(0)({}); });
    }
    kept.at(0)({});
}

/// Idle, in the middle of a request, waiting for an answer, reading one.
TEST(Server, DropsEveryConnectionWhenItGoes) {
    std::vector<Respond> kept;
    std::atomic<int> asked = 0;
    Running server([&](const Request& request, Respond respond) {
        ++asked;
        Response large;
        large.body = std::string(50 << 20, 'x');
        request.path == "/wait" ? kept.push_back(std::move(respond)) : respond(std::move(large));
    });
    Client idle(server.port());
    Client half(server.port());
    half.say("GET / HT");
    Client waiting(server.port());
    waiting.say(get("/wait"));
    Client reading(server.port());
    reading.say(get("/read"));
    ASSERT_TRUE(eventually([&] { return asked.load() == 2 && server.sockets() == 4; }));
    server.destroy_server();
    EXPECT_EQ(idle.until_closed(), "");
    EXPECT_EQ(half.until_closed(), "");
    EXPECT_EQ(waiting.until_closed(), "");
    EXPECT_THAT(reading.until_closed().size(), testing::Lt(50U << 20));
    server.on_loop([&kept] { kept.clear(); });
}

/// Nothing runs after the server has gone: the loop itself is destroyed with what is still queued in it.
TEST(Server, TheLoopMayGoWithoutRunningAgain) {
    std::vector<Respond> kept;
    auto loop = std::make_unique<asio::io_context>(1);
    const std::uint16_t port = free_port();
    auto server = std::make_unique<Server>(
        *loop, [&kept](const Request&, Respond respond) { kept.push_back(std::move(respond)); },
        [](const std::string&) {});
    ASSERT_EQ(server->listen("127.0.0.1:" + std::to_string(port)), std::nullopt);
    Client answered(port);
    answered.say(get("/"));
    Client waiting(port);
    waiting.say(get("/"));
    Client half(port);
    half.say("GET / HT");
    ASSERT_TRUE(eventually([&] {
        loop->poll();
        return kept.size() == 2;
    }));
    kept.front()({});
    server.reset();
    loop.reset();
    EXPECT_EQ(half.until_closed(), "");
}

TEST(Server, MayGoWhileItHandlesARequest) {
    Running* running = nullptr;
    std::promise<void> gone;
    Running server([&](const Request&, const Respond& respond) {
        running->destroy_server_now();
        respond({});
        gone.set_value();
    });
    running = &server;
    Client client(server.port());
    client.say(get("/"));
    gone.get_future().wait();
    EXPECT_EQ(client.until_closed(), "");
}

TEST(Server, ServesNoMoreThanSixtyFourAtOnce) {
    Running server;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 64; ++i) {
        clients.push_back(std::make_unique<Client>(server.port()));
        clients.back()->say(get("/"));
        EXPECT_THAT(clients.back()->answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
    }
    Client late(server.port());
    late.say(get("/late"));
    for (int i = 0; i < 10; ++i) {
        clients[5]->say(get("/"));
        clients[5]->answer();
    }
    EXPECT_EQ(server.sockets(), 64U);
    clients.pop_back();
    EXPECT_THAT(late.answer(), HasSubstr("GET /late"));
}

TEST(Server, ListensOnIpv6) {
    asio::io_context loop;
    Server server(loop, echo, [](const std::string&) {});
    EXPECT_EQ(server.listen("[::1]:" + std::to_string(free_port())), std::nullopt);
}

TEST(Server, SaysWhyItCannotListen) {
    Running first;
    asio::io_context loop;
    const std::string taken = "127.0.0.1:" + std::to_string(first.port());
    Server server(loop, echo, [](const std::string&) {});
    EXPECT_EQ(server.listen(taken), "cannot listen on " + taken + ": Address already in use");
    EXPECT_EQ(server.listen("192.0.2.1:80"),
              "cannot listen on 192.0.2.1:80: Cannot assign requested address");
    EXPECT_EQ(server.listen("[::1]:65536"), "cannot listen on [::1]:65536: this is no address with a port");
    EXPECT_EQ(server.listen("somewhere"), "cannot listen on somewhere: this is no address with a port");
    const std::string fresh = "127.0.0.1:" + std::to_string(free_port());
    EXPECT_EQ(server.listen(fresh), std::nullopt) << "after a refusal another address may do";
}

TEST(Server, GivesUpItsPortAndGoesOnWithItsConnections) {
    Running first;
    Client client(first.port());
    client.say(get("/before"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /before"));
    first.stop_listening();
    asio::io_context loop;
    Server second(loop, echo, [](const std::string&) {});
    EXPECT_EQ(second.listen("0.0.0.0:" + std::to_string(first.port())), std::nullopt);
    client.say(get("/after"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /after"));
}

TEST(Server, ListensAgainWhereConnectionsWereJustClosed) {
    Running first;
    Client client(first.port());
    client.say(get("/"));
    client.answer();
    first.destroy_server();  // our side closes first, and keeps the port in TIME_WAIT
    client.until_closed();
    asio::io_context loop;
    Server second(loop, echo, [](const std::string&) {});
    EXPECT_EQ(second.listen("127.0.0.1:" + std::to_string(first.port())), std::nullopt);
}

/// No descriptor is to be had as long as this lives.
class NoDescriptors {
  public:
    NoDescriptors() {
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit low = before_;
        const int lowest = dup(STDERR_FILENO);
        close(lowest);
        low.rlim_cur = static_cast<rlim_t>(lowest);
        EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit before_{};
};

std::chrono::microseconds processor_time() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

TEST(Server, RestsWhileThereAreNoDescriptorsAndComesBack) {
    Running server;
    Client earlier(server.port());
    earlier.say(get("/"));
    earlier.answer();
    Client waiting(server.port(), Client::later);
    {
        const NoDescriptors none;
        waiting.open(server.port());
        waiting.say(get("/waiting"));
        ASSERT_TRUE(eventually([&] { return !server.complaints().empty(); }));
        const auto before = processor_time();
        poll(nullptr, 0, 2500);
        // A loop that accepts again at once would have used all of it.
        EXPECT_LT(processor_time() - before, 1s);
        earlier.say(get("/earlier"));
        EXPECT_THAT(earlier.answer(), HasSubstr("GET /earlier"));
    }
    EXPECT_THAT(waiting.answer(), HasSubstr("GET /waiting"));
    EXPECT_THAT(server.complaints(),
                ElementsAre("cannot accept connections: Too many open files; trying again every second"));
    earlier.end();
    waiting.end();
    EXPECT_TRUE(eventually([&] { return server.sockets() == 0; }));
}

}  // namespace
}  // namespace whylink::daemon::http
