#include "daemon/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <charconv>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace whylink::daemon::http {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
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
    explicit Client(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval limit{patience / 1s, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
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
        if (fd_ >= 0)
            close(fd_);
        fd_ = -1;
    }
    void say(std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;  // the server may have closed already: what it says is what counts
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// One answer with Content-Length, or what there is until the end.
    std::string answer(bool with_body = true) {
        std::size_t head = 0;
        while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive())
                return std::exchange(buffer_, {});
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
        if (got > 0)
            buffer_.append(piece.data(), static_cast<std::size_t>(got));
        return got > 0;
    }
    std::size_t content_length() const {
        constexpr std::string_view name = "Content-Length: ";
        const std::size_t at = buffer_.find(name);
        std::size_t length = 0;
        if (at != std::string::npos)
            std::from_chars(buffer_.data() + at + name.size(), buffer_.data() + buffer_.size(), length);
        return length;
    }

    int fd_;
    std::string buffer_;
    bool closed_ = false;
};

/// Says what it was asked.
void echo(const Request& request, const Respond& respond) {
    Response response;
    response.body = request.method + " " + request.path;
    for (const auto& [key, value] : request.query)
        response.body += " " + key + "=" + value;
    response.headers.emplace_back("X-Accept", request.accept);
    respond(std::move(response));
}

/// A server on a loop and a thread of its own.
class Running {
  public:
    explicit Running(Handler handler = echo) : handler_(std::move(handler)) {
        thread_ = std::thread([this] { loop_.run(); });
        on_loop([this] {
            server_ = std::make_unique<Server>(
                loop_, [this](Request request, Respond respond) { handler_(request, std::move(respond)); },
                [this](std::string line) {
                    const std::lock_guard lock(mutex_);
                    complaints_.push_back(std::move(line));
                });
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
    std::uint16_t port() const { return port_; }
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
    for (int i = 0; i < 200; ++i)
        text += "X-" + std::to_string(i) + ": y\r\n";
    return text + "\r\n";
}

std::string endless_chunks() {
    std::string text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 70; ++i)
        text += "400\r\n" + std::string(0x400, 'x') + "\r\n";
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

}  // namespace
}  // namespace whylink::daemon::http
