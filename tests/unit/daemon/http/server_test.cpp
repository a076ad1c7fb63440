#include "daemon/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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

#include "tests/unit/daemon/http/free_port.hpp"

namespace whylink::daemon::http {
namespace {

using test::free_port;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto patience = 30s;

/// A connection of raw bytes; every wait ends after `patience`.
class Client {
  public:
    /// Tag: not connected yet.
    static constexpr struct Later {
    } later{};

    explicit Client(std::uint16_t port) : Client(port, later) { open(port); }
    /// From 127.0.0.N, another peer than the rest.
    Client(std::uint16_t port, unsigned char last) : Client(port, later) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00U) | last);
        EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        open(port);
    }
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
    /// And still reads.
    void end_writing() { shutdown(fd_, SHUT_WR); }
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

/// Answers that are to come later, or never.
class Kept {
  public:
    void add(Respond respond) {
        const std::lock_guard lock(mutex_);
        all_.push_back(std::move(respond));
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return all_.size();
    }
    std::vector<Respond> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(all_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<Respond> all_;
};

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

class Running {
  public:
    explicit Running(Handler handler = echo, const Limits& limits = {})
        : server_(std::make_unique<Server>(
              std::move(handler),
              [this](std::string line) {
                  const std::lock_guard lock(mutex_);
                  complaints_.push_back(std::move(line));
              },
              limits)) {
        EXPECT_EQ(server_->listen(address()), std::nullopt);
    }

    void destroy_server() { server_.reset(); }
    Server& server() { return *server_; }
    std::uint16_t port() const { return port_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    /// Established connections of the server's side, by their descriptors.
    std::size_t sockets() const { return connections_on(port_); }
    std::vector<std::string> complaints() {
        const std::lock_guard lock(mutex_);
        return complaints_;
    }

  private:
    std::uint16_t port_ = free_port();
    std::mutex mutex_;
    std::vector<std::string> complaints_;
    std::unique_ptr<Server> server_;
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

TEST(Server, SaysWhoAsksAndHow) {
    Running server([](const Request& request, const Respond& respond) {
        respond(plain(200, request.peer + " " + request.host + " " + request.origin + " " +
                               request.fetch_site + " " + request.authorization +
                               (request.tls ? " tls" : "") + (request.on_loopback ? " loopback" : "")));
    });
    Client client(server.port(), 7);
    client.say(
        "GET / HTTP/1.1\r\nHost: vm:1\r\nOrigin: http://a\r\nSec-Fetch-Site: none\r\nAuthorization: Basic "
        "eDp5\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("\r\n\r\n127.0.0.7 vm:1 http://a none Basic eDp5 loopback\n"));
}

TEST(Server, HandsTheTimeOfAScrapeOver) {
    Running server([](const Request& request, const Respond& respond) {
        respond(plain(200, "[" + request.scrape_timeout + "]"));
    });
    Client client(server.port());
    client.say(get("/"));
    EXPECT_THAT(client.answer(), HasSubstr("\r\n\r\n[]\n"));
    client.say("GET / HTTP/1.1\r\nHost: vm\r\nX-Prometheus-Scrape-Timeout-Seconds: 9.5\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("\r\n\r\n[9.5]\n"));
}

TEST(Server, AHeaderCannotBeSplitByItsValue) {
    Running server([](const Request& request, const Respond& respond) {
        Response response;
        response.headers.emplace_back("X-Path", request.path);
        respond(std::move(response));
    });
    Client client(server.port());
    client.say(get("/%0d%0aX-Injected:%20yes"));
    const std::string answer = client.answer();
    EXPECT_THAT(answer, HasSubstr("\r\nX-Path: /  X-Injected: yes\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("\r\nX-Injected")));
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
    for (const std::string_view target :
         {"/%zz", "/%", "/%ff", "/%00", "/?a", "/?a=%g1", "/?a=1&b", "?a=1", "vm:443"}) {
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

std::string endless_chunks() {
    std::string text = "POST / HTTP/1.1\r\nHost: vm\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 70; ++i) {
        text += "400\r\n" + std::string(0x400, 'x') + "\r\n";
    }
    return text;
}

std::string with_host(std::string_view line, const std::string& rest) {
    return std::string(line) + " / HTTP/1.1\r\nHost: vm\r\n" + rest;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, BadBytes,
    testing::Values("\x01\x02garbage\r\n\r\n", std::string(10000, '\0'),
                    std::string("\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03", 11) + std::string(240, 'r'),
                    with_host("GET", "X: " + std::string(100'000, 'y') + "\r\n\r\n"),
                    with_host("GET", std::string(10'000, 'y') + ": x\r\n\r\n"),
                    "GET /" + std::string(20'000, 'y') + " HTTP/1.1\r\nHost: vm\r\n\r\n", endless_chunks(),
                    with_host("POST", "Content-Length: 70000\r\n\r\n"),
                    with_host("POST", "Content-Length: 99999999999999999999\r\n\r\n"),
                    with_host("POST", "Content-Length: -1\r\n\r\n"),
                    with_host("POST", "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
                    with_host("POST", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                    with_host("POST", "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"),
                    with_host("GET", "Host: other\r\n\r\n"), with_host("POST", "Expect: 200-ok\r\n\r\n"),
                    "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.0\r\nHost: vm\r\n\r\n",
                    with_host("FROBNICATE", "\r\n")));

struct Refused {
    std::string request;
    const char* status;
};

class RefusedRequests : public testing::TestWithParam<Refused> {};

TEST_P(RefusedRequests, AreToldWhy) {
    Running server;
    Client client(server.port());
    client.say(GetParam().request);
    EXPECT_THAT(client.until_closed(), StartsWith(std::string("HTTP/1.1 ") + GetParam().status + "\r\n"));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RefusedRequests,
    testing::Values(Refused{with_host("GET", "X: " + std::string(9'000, 'y')),
                            "431 Request Header Fields Too Large"},
                    Refused{with_host("POST", "Content-Length: 70000\r\n\r\n"), "413 Payload Too Large"},
                    Refused{"GET / HTTP/1.1\r\n\r\n", "400 Bad Request"},
                    Refused{with_host("FROBNICATE", "\r\n"), "501 Not Implemented"},
                    Refused{with_host("POST", "Expect: 200-ok\r\n\r\n"), "417 Expectation Failed"}));

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

TEST(Server, TellsWhoExpectsItToContinue) {
    Running server;
    Client client(server.port());
    client.say("POST /a HTTP/1.1\r\nHost: vm\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(client.answer(false), "HTTP/1.1 100 Continue\r\n\r\n");
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
}

TEST(Server, ClosesAConnectionThatAsksForNothing) {
    Limits limits;
    limits.first = 300ms;
    Running server(echo, limits);
    Client client(server.port());
    EXPECT_EQ(client.until_closed(), "");
}

TEST(Server, ClosesAConnectionThatIsIdle) {
    Limits limits;
    limits.idle = 300ms;
    Running server(echo, limits);
    Client client(server.port());
    client.say(get("/a"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /a"));
    EXPECT_EQ(client.until_closed(), "");
}

TEST(Server, GivesUpOnARequestThatTakesTooLong) {
    Limits limits;
    limits.request = 300ms;
    Running server(echo, limits);
    Client client(server.port());
    client.say("GET / HTTP/1.1\r\nHo");
    EXPECT_THAT(client.until_closed(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST(Server, ClosesWhatIsNotAnswered) {
    Limits limits;
    limits.handling = 300ms;
    Kept kept;
    Running server([&kept](const Request&, Respond respond) { kept.add(std::move(respond)); }, limits);
    Client client(server.port());
    client.say(get("/"));
    EXPECT_EQ(client.until_closed(), "");
    kept.take().at(0)({});
    EXPECT_THAT(server.complaints(), testing::IsEmpty());
}

TEST(Server, ClosesOnWhoDoesNotReadTheAnswer) {
    Limits limits;
    limits.progress = 300ms;
    std::atomic<int> answered = 0;
    Running server(
        [&answered](const Request&, const Respond& respond) {
            ++answered;
            Response response;
            response.body = std::string(50 << 20, 'x');
            respond(std::move(response));
        },
        limits);
    Client client(server.port());
    client.say(get("/a") + get("/b"));
    ASSERT_TRUE(eventually([&] { return answered.load() == 1; }));
    ASSERT_TRUE(eventually([&] { return server.sockets() == 0; }));
    EXPECT_THAT(client.until_closed().size(), testing::Lt(50U << 20));
    EXPECT_EQ(answered.load(), 1);
}

TEST(Server, SurvivesAnAnswerAfterTheClientHasGone) {
    Kept kept;
    Running server([&kept](const Request&, Respond respond) { kept.add(std::move(respond)); });
    Client client(server.port());
    client.say(get("/"));
    ASSERT_TRUE(eventually([&] { return kept.size() == 1; }));
    client.end();
    {
        const auto responds = kept.take();
        responds.at(0)({});
        responds.at(0)({});  // once is enough
    }
    EXPECT_TRUE(eventually([&] { return server.sockets() == 0; }));
}

/// What is done for one request of a client, by what becomes of it.
struct Watched {
    std::atomic<bool> asked = false;
    std::atomic<bool> gone = false;
    Kept kept;

    Handler handler() {
        return [this](const Request& request, Respond respond) {
            kept.add(std::move(respond));
            request.departure->when_gone([this] { gone = true; });
            asked = true;
        };
    }
};

/// A probe of two minutes is for nobody then.
TEST(Server, NoticesAClientThatGoesBeforeItsAnswer) {
    Watched watched;
    Running server(watched.handler());
    Client client(server.port());
    client.say(get("/probe"));
    ASSERT_TRUE(eventually([&] { return watched.asked.load(); }));
    EXPECT_FALSE(watched.gone);
    client.end();
    EXPECT_TRUE(eventually([&] { return watched.gone.load(); }));
}

TEST(Server, NoticesAClientWhoseAnswerTakesTooLong) {
    Watched watched;
    Running server(watched.handler(), {.handling = 50ms});
    Client client(server.port());
    client.say(get("/probe"));
    EXPECT_EQ(client.until_closed(), "");
    EXPECT_TRUE(eventually([&] { return watched.gone.load(); }));
}

TEST(Server, AClientThatHasEndedItsHalfGetsItsAnswer) {
    Watched watched;
    Running server(watched.handler());
    Client client(server.port());
    client.say(get("/slow"));
    client.end_writing();
    ASSERT_TRUE(eventually([&] { return watched.gone.load(); }));
    watched.kept.take().at(0)(plain(200, "late"));
    EXPECT_THAT(client.until_closed(), testing::EndsWith("\r\n\r\nlate\n"));
}

TEST(Server, ARequestThatComesBeforeTheAnswerWaits) {
    Watched watched;
    Running server(watched.handler());
    Client client(server.port());
    client.say(get("/a"));
    ASSERT_TRUE(eventually([&] { return watched.asked.load(); }));
    client.say(get("/b"));
    watched.kept.take().at(0)(plain(200, "first"));
    EXPECT_THAT(client.answer(), HasSubstr("first"));
    ASSERT_TRUE(eventually([&] { return watched.kept.size() == 1; }));
    watched.kept.take().at(0)(plain(200, "second"));
    EXPECT_THAT(client.answer(), HasSubstr("second"));
    EXPECT_FALSE(watched.gone);
}

TEST(Departure, IsToldOnceAndAtOnceWhenItHasBeen) {
    int told = 0;
    Departure departure;
    departure.when_gone([&told] { ++told; });
    EXPECT_EQ(told, 0);
    departure.gone();
    departure.gone();
    EXPECT_EQ(told, 1);
    departure.when_gone([&told] { ++told; });
    EXPECT_EQ(told, 2);
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

TEST(Server, AnAnswerMayOutliveTheServer) {
    Kept kept;
    {
        Running server([&kept](const Request&, Respond respond) { kept.add(std::move(respond)); });
        Client client(server.port());
        client.say(get("/"));
        ASSERT_TRUE(eventually([&] { return kept.size() == 1; }));
        server.destroy_server();
        EXPECT_EQ(client.until_closed(), "");
    }
    kept.take().at(0)({});
}

/// Idle, in the middle of a request, waiting for an answer, reading one.
TEST(Server, DropsEveryConnectionWhenItGoes) {
    Kept kept;
    std::atomic<int> asked = 0;
    Running server([&](const Request& request, Respond respond) {
        ++asked;
        Response large;
        large.body = std::string(50 << 20, 'x');
        request.path == "/wait" ? kept.add(std::move(respond)) : respond(std::move(large));
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
}

// ---- limits ----

using Clients = std::vector<std::unique_ptr<Client>>;

/// Connections that have had one answer each, so that the server knows them all.
Clients served(const Running& server, unsigned char last, int count) {
    Clients clients;
    for (int i = 0; i < count; ++i) {
        clients.push_back(std::make_unique<Client>(server.port(), last));
        clients.back()->say(get("/"));
        EXPECT_THAT(clients.back()->answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
    }
    return clients;
}

/// Two hundred idle connections kept `/-/healthy` waiting for three minutes.
TEST(Server, OnePeerCannotShutOthersOut) {
    Running server;
    const Clients idle = served(server, 2, 200);
    EXPECT_EQ(server.sockets(), 20U);
    Client other(server.port(), 3);
    other.say(get("/-/healthy"));
    EXPECT_THAT(other.answer(), HasSubstr("GET /-/healthy"));
    Client same(server.port(), 2);
    same.say(get("/same"));
    EXPECT_THAT(same.answer(), HasSubstr("GET /same"));
    EXPECT_EQ(server.server().status().evicted, 181U);
}

TEST(Server, TheOldestIdleConnectionMakesRoom) {
    Limits limits;
    limits.connections = 3;
    Running server(echo, limits);
    Clients clients = served(server, 2, 3);
    clients[0]->say(get("/again"));
    EXPECT_THAT(clients[0]->answer(), HasSubstr("GET /again"));
    Client late(server.port(), 3);
    late.say(get("/late"));
    EXPECT_THAT(late.answer(), HasSubstr("GET /late"));
    EXPECT_EQ(clients[1]->until_closed(), "");
    clients[0]->say(get("/still"));
    EXPECT_THAT(clients[0]->answer(), HasSubstr("GET /still"));
}

/// Where all others pipeline, the one that has just come was the only idle one, and was cut before it could ask.
TEST(Server, WhoAsksForSeveralAnswersAtOnceMakesRoomBeforeWhoHasJustCome) {
    Limits limits;
    limits.connections = 2;
    limits.grace = std::chrono::hours(1);
    Kept kept;
    Running server([&kept](const Request&, Respond respond) { kept.add(std::move(respond)); }, limits);
    Client greedy(server.port(), 2);
    greedy.say(get("/a") + get("/b") + get("/c"));
    ASSERT_TRUE(eventually([&] { return kept.size() == 1; }));
    Client young(server.port(), 3);
    ASSERT_TRUE(eventually([&] { return server.sockets() == 2; }));
    Client late(server.port(), 4);
    EXPECT_EQ(greedy.until_closed(), "");
    young.say(get("/young"));
    ASSERT_TRUE(eventually([&] { return kept.size() == 2; }));
    kept.take().at(1)(plain(200, "served"));
    EXPECT_THAT(young.answer(), HasSubstr("served"));
}

TEST(Server, HalfRequestsFromManyPeersMakeRoomToo) {
    Limits limits;
    limits.connections = 10;
    Running server(echo, limits);
    Clients slow;
    for (unsigned char last = 10; last < 60; ++last) {
        slow.push_back(std::make_unique<Client>(server.port(), last));
        slow.back()->say("GET / HTTP/1.1\r\nHo");
    }
    Client client(server.port());
    client.say(get("/in"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /in"));
}

TEST(Server, WhereAllAreBusyANewConnectionIsRefused) {
    Limits limits;
    limits.connections_of_peer = 2;
    Kept kept;
    Running server([&kept](const Request&, Respond respond) { kept.add(std::move(respond)); }, limits);
    Client first(server.port(), 2);
    first.say(get("/"));
    Client second(server.port(), 2);
    second.say(get("/"));
    ASSERT_TRUE(eventually([&] { return kept.size() == 2; }));
    Client third(server.port(), 2);
    third.say(get("/"));
    EXPECT_EQ(third.until_closed(), "");
    EXPECT_EQ(server.server().status().refused, 1U);
    Client other(server.port(), 3);
    other.say(get("/"));
    EXPECT_TRUE(eventually([&] { return kept.size() == 3; }));
}

/// One client took the process from 65 to 954 MiB.
TEST(Server, AnswersThatNobodyReadsAreBounded) {
    constexpr std::size_t size = std::size_t{8} << 20;
    Limits limits;
    limits.pending = 3 * size;
    limits.slow_reader = 60s;
    Running server(
        [](const Request&, const Respond& respond) {
            Response response;
            response.body = std::string(size, 'x');
            respond(std::move(response));
        },
        limits);
    Clients readers;
    for (int i = 0; i < 3; ++i) {
        readers.push_back(std::make_unique<Client>(server.port()));
        readers.back()->say(get("/"));
    }
    ASSERT_TRUE(eventually([&] { return server.server().status().pending_bytes == 3 * size; }));
    Client late(server.port());
    late.say(get("/"));
    const std::string answer = late.answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nRetry-After: 1\r\n"));
    EXPECT_EQ(server.server().status().without_room, 1U);
    EXPECT_THAT(readers[0]->answer().size(), testing::Gt(size));
    late.say(get("/"));
    EXPECT_THAT(late.answer().size(), testing::Gt(size));
}

TEST(Server, ASlowReaderIsCutBeforeAnybodyGets503) {
    constexpr std::size_t size = std::size_t{8} << 20;
    Limits limits;
    limits.pending = size;
    limits.slow_reader = 0ms;
    Running server(
        [](const Request&, const Respond& respond) {
            Response response;
            response.body = std::string(size, 'x');
            respond(std::move(response));
        },
        limits);
    Client slow(server.port());
    slow.say(get("/"));
    ASSERT_TRUE(eventually([&] { return server.server().status().pending_bytes == size; }));
    Client quick(server.port());
    quick.say(get("/"));
    EXPECT_THAT(quick.answer().size(), testing::Gt(size));
    EXPECT_THAT(slow.until_closed().size(), testing::Lt(size));
}

TEST(Server, AnswersThatShareAPageCountOnce) {
    const auto page = std::make_shared<const std::string>(std::size_t{8} << 20, 'x');
    Limits limits;
    limits.pending = page->size();
    Running server(
        [&page](const Request&, const Respond& respond) {
            Response response;
            response.page = page;
            respond(std::move(response));
        },
        limits);
    Clients readers;
    for (int i = 0; i < 5; ++i) {
        readers.push_back(std::make_unique<Client>(server.port()));
        readers.back()->say(get("/"));
    }
    ASSERT_TRUE(eventually([&] { return server.server().status().requests == 5; }));
    for (const auto& reader : readers) {
        EXPECT_THAT(reader->answer(), HasSubstr("\r\nContent-Length: 8388608\r\n"));
    }
    EXPECT_TRUE(eventually([&] { return server.server().status().pending_bytes == 0; }));
}

// ---- where it listens ----

std::unique_ptr<Server> silent_server() {
    return std::make_unique<Server>(echo, [](const std::string&) {});
}

TEST(Server, ListensOnIpv6) {
    EXPECT_EQ(silent_server()->listen("[::1]:" + std::to_string(free_port())), std::nullopt);
}

TEST(Server, SaysWhyItCannotListen) {
    Running first;
    const auto server = silent_server();
    EXPECT_EQ(server->listen(first.address()),
              "cannot listen on " + first.address() + ": Address already in use");
    EXPECT_EQ(server->listen("192.0.2.1:80"),
              "cannot listen on 192.0.2.1:80: Cannot assign requested address");
    EXPECT_EQ(server->listen("[::1]:65536"), "cannot listen on [::1]:65536: this is no address with a port");
    EXPECT_EQ(server->listen("somewhere"), "cannot listen on somewhere: this is no address with a port");
    EXPECT_EQ(server->listen("127.0.0.1:" + std::to_string(free_port())), std::nullopt)
        << "after a refusal another address may do";
}

TEST(Server, MovesAndGivesTheAnswersThatAreUnderWay) {
    Kept kept;
    Running server([&kept](const Request& request, Respond respond) {
        request.path == "/wait" ? kept.add(std::move(respond)) : echo(request, respond);
    });
    Client client(server.port());
    client.say(get("/wait"));
    ASSERT_TRUE(eventually([&] { return kept.size() == 1; }));
    const std::uint16_t port = free_port();
    EXPECT_EQ(server.server().listen("127.0.0.1:" + std::to_string(port)), std::nullopt);
    Client moved(port);
    moved.say(get("/moved"));
    EXPECT_THAT(moved.answer(), HasSubstr("GET /moved"));
    kept.take().at(0)(plain(200, "late"));
    EXPECT_THAT(client.until_closed(), HasSubstr("\r\nConnection: close\r\n\r\nlate\n"));
    const auto second = silent_server();
    EXPECT_EQ(second->listen(server.address()), std::nullopt) << "the port of before is free";
}

TEST(Server, MovesToAnAddressThatItsOwnIsAPartOf) {
    Running server;
    EXPECT_EQ(server.server().listen("0.0.0.0:" + std::to_string(server.port())), std::nullopt);
    Client client(server.port());
    client.say(get("/all"));
    EXPECT_THAT(client.answer(), HasSubstr("GET /all"));
    const std::string beyond = "192.0.2.1:" + std::to_string(server.port());
    EXPECT_THAT(server.server().listen(beyond), testing::Optional(HasSubstr("cannot listen on 192.0.2.1")));
    Client still(server.port());
    still.say(get("/still"));
    EXPECT_THAT(still.answer(), HasSubstr("GET /still"));
}

TEST(Server, ListensNowhere) {
    Running server;
    EXPECT_EQ(server.server().listen(""), std::nullopt);
    const auto second = silent_server();
    EXPECT_TRUE(eventually([&] { return !second->listen(server.address()); }));
}

TEST(Server, ListensAgainWhereConnectionsWereJustClosed) {
    Running first;
    Client client(first.port());
    client.say(get("/"));
    client.answer();
    first.destroy_server();  // our side closes first, and keeps the port in TIME_WAIT
    client.until_closed();
    EXPECT_EQ(silent_server()->listen(first.address()), std::nullopt);
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
