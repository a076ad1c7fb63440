#include "daemon/commands/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "daemon/commands/url.hpp"
#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::TemporaryFile;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Url, IsTakenApart) {
    struct Row {
        std::string_view text;
        std::string_view again;
    };
    for (const Row& row :
         {Row{"http://vm-7", "http://vm-7:80"}, Row{"https://vm-7/", "https://vm-7:443"},
          Row{"http://[fd00::4]:9797", "http://[fd00::4]:9797"},
          Row{"https://monitor.example:8443/team/whylink//", "https://monitor.example:8443/team/whylink"},
          Row{"http://127.0.0.1:1/%20x", "http://127.0.0.1:1/%20x"}}) {
        const auto url = parse_url(row.text);
        ASSERT_TRUE(std::holds_alternative<Url>(url)) << std::get<std::string>(url);
        EXPECT_EQ(std::get<Url>(url).to_string(), row.again);
    }
}

TEST(Url, WhatIsNoneIsRefused) {
    for (const std::string_view text : {"",
                                        "vm-7:9797",
                                        "ftp://vm",
                                        "http://",
                                        "http:///x",
                                        "http://vm:0",
                                        "http://vm:65536",
                                        "http://vm:x",
                                        "http://@vm",
                                        "http://:p@vm",
                                        "http://u%3A@vm",
                                        "http://u%zz@vm",
                                        "http://vm/?a=b",
                                        "http://vm/#a",
                                        "http://fd00::4",
                                        "http://[fd00::4",
                                        "http://[vm]",
                                        "http://v m",
                                        "http://vm/\r\nX: y",
                                        "http://vm/\xC3\xA9",
                                        "HTTP://vm"}) {
        EXPECT_TRUE(std::holds_alternative<std::string>(parse_url(text))) << text;
    }
}

TEST(Url, APasswordIsNotRepeated) {
    for (const std::string_view text :
         {"redis://u:hunter2@vm", "u:hunter2@vm", "http://u:hunter2@vm/?a=b", "http://u: hunter2@vm",
          "http://u:hunter2@", "http://u%zz:hunter2@vm"}) {
        const auto url = parse_url(text);
        ASSERT_TRUE(std::holds_alternative<std::string>(url)) << text;
        EXPECT_THAT(std::get<std::string>(url), testing::Not(HasSubstr("hunter2")));
    }
}

TEST(Url, MayHaveAUserWhoIsNotShown) {
    const Url user = std::get<Url>(parse_url("http://prometheus@vm:9797/x"));
    EXPECT_EQ(user.user, "prometheus");
    EXPECT_EQ(user.password, std::nullopt);
    EXPECT_EQ(user.to_string(), "http://vm:9797/x");
    const Url both = std::get<Url>(parse_url("https://a%20b:p%40ss:word@[::1]"));
    EXPECT_EQ(both.user, "a b");
    EXPECT_EQ(both.password, "p@ss:word");
    EXPECT_EQ(both.to_string(), "https://[::1]:443");
}

TEST(Url, OfADaemonThatListensEverywhereIsOnLoopback) {
    EXPECT_EQ(std::get<Url>(url_of_listener("127.0.0.1:9797")).to_string(), "http://127.0.0.1:9797");
    EXPECT_EQ(std::get<Url>(url_of_listener("0.0.0.0:9797")).to_string(), "http://127.0.0.1:9797");
    EXPECT_EQ(std::get<Url>(url_of_listener("[::]:9797")).to_string(), "http://[::1]:9797");
    EXPECT_EQ(std::get<Url>(url_of_listener("[::0]:9797")).to_string(), "http://[::1]:9797");
    EXPECT_EQ(std::get<Url>(url_of_listener("[fd00::4]:1")).to_string(), "http://[fd00::4]:1");
    EXPECT_EQ(std::get<Url>(url_of_listener("0.0.0.0:9797", true)).to_string(), "https://127.0.0.1:9797");
    EXPECT_THAT(std::get<std::string>(url_of_listener("")),
                HasSubstr("daemon.listen is \"\", so the daemon has no HTTP"));
    EXPECT_THAT(std::get<std::string>(url_of_listener("127.0.0.1:0")), HasSubstr("use --url"));
}

/// Says the same to everybody, and keeps what it was asked.
class Canned {
  public:
    enum class Then { close, stay, drip };

    explicit Canned(std::string answer, Then then = Then::close) : answer_(std::move(answer)), then_(then) {
        fd_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), length), 0);
        EXPECT_EQ(listen(fd_, 5), 0);
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Canned() {
        stop_ = true;
        shutdown(fd_, SHUT_RDWR);
        if (thread_.joinable()) {
            thread_.join();
        }
        close(fd_);
    }
    Canned(const Canned&) = delete;
    Canned& operator=(const Canned&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// After the exchange.
    const std::string& asked() {
        if (thread_.joinable()) {
            thread_.join();
        }
        return asked_;
    }

  private:
    void serve() {
        const int peer = accept(fd_, nullptr, nullptr);
        if (peer < 0) {
            return;
        }
        std::array<char, 4096> piece{};
        asked_.assign(piece.data(), static_cast<std::size_t>(
                                        std::max<ssize_t>(0, recv(peer, piece.data(), piece.size(), 0))));
        ::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
        while (then_ != Then::close && !stop_) {
            poll(nullptr, 0, 20);
            if (then_ == Then::drip && ::send(peer, "x", 1, MSG_NOSIGNAL) < 0) {
                break;
            }
        }
        close(peer);
    }

    std::string answer_;
    Then then_;
    std::atomic<bool> stop_ = false;
    int fd_ = -1;
    std::uint16_t port_ = 0;
    std::string asked_;
    std::thread thread_;
};

std::string http(std::string_view status, std::string_view headers, const std::string& body) {
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Outcome {
    int status;
    std::string out;
    std::string error;
};

Outcome status(const StatusCommand& command, const CommandLine& line) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int exit = run_status(command, line, {500ms, 500ms});
    return {exit, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

Outcome status(const StatusCommand& command, const ReportFormat& format = human_format,
               std::string config = "/nonexistent") {
    CommandLine line;
    line.format = &format;
    line.config_file = std::move(config);
    return status(command, line);
}

TEST(Status, PrintsTheReportAndEndsAsItSays) {
    Canned daemon(http("200 OK", "Whylink-Exit-Status: 1\r\n", "the report\n"));
    const Outcome done = status({{"a b", "c&d+e"}, daemon.url() + "/prefix/"}, json_format);
    EXPECT_EQ(done.status, 1);
    EXPECT_EQ(done.out, "the report\n");
    EXPECT_EQ(done.error, "");
    EXPECT_THAT(daemon.asked(), StartsWith("GET /prefix/api/v1/report?"));
    for (const char* part : {"format=json", "name=a%20b", "name=c%26d%2Be", "\r\nHost: 127.0.0.1:"}) {
        EXPECT_THAT(daemon.asked(), HasSubstr(part));
    }
}

TEST(Status, SaysWhatWasChosenOnTheCommandLine) {
    Canned daemon(http("200 OK", "Whylink-Exit-Status: 0\r\n", ""));
    CommandLine line;
    line.color = ColorChoice::always;
    line.verbose = true;
    EXPECT_EQ(status({{}, daemon.url()}, line).status, 0);
    EXPECT_THAT(daemon.asked(), HasSubstr("colour=1"));
    EXPECT_THAT(daemon.asked(), HasSubstr("verbose=1"));
}

TEST(Status, SaysHowItIsToBeLaidOut) {
    Canned daemon(http("200 OK", "Whylink-Exit-Status: 0\r\n", ""));
    EXPECT_EQ(status({{}, daemon.url()}).status, 0);
    EXPECT_THAT(daemon.asked(), testing::Not(HasSubstr("verbose")));
    for (const char* part : {"format=human", "columns=100", "colour=0", "utf8="}) {
        EXPECT_THAT(daemon.asked(), HasSubstr(part));
    }
}

TEST(Status, AsksWhereTheConfigSaysThatTheDaemonListens) {
    Canned daemon(http("200 OK", "Whylink-Exit-Status: 2\r\n", "WHYLINK CRITICAL\n"));
    const TemporaryFile config("[daemon]\nallow_empty = true\nlisten = \"" + daemon.url().substr(7) + "\"\n");
    EXPECT_EQ(status({}, nagios_format, config.path()).status, 2);
}

TEST(Status, AnUnknownNameIsAMistakeInTheCommandLine) {
    const std::string answer =
        http("404 Not Found", "Whylink-Exit-Status: 2\r\n", "nothing has the name \"x\"\n");
    Canned daemon(answer);
    const Outcome done = status({{"x"}, daemon.url()});
    EXPECT_EQ(done.status, 2);
    EXPECT_EQ(done.out, "");
    EXPECT_EQ(done.error, "whylink: nothing has the name \"x\"\n");
    Canned again(answer);
    const Outcome nagios = status({{"x"}, again.url()}, nagios_format);
    EXPECT_EQ(nagios.status, 3);
    EXPECT_EQ(nagios.out, "WHYLINK UNKNOWN - nothing has the name \"x\"\n");
}

struct Strange {
    const char* name;
    std::string answer;
    Canned::Then then;
    const char* error;
};

class Strangers : public testing::TestWithParam<Strange> {};

TEST_P(Strangers, AreNoDaemon) {
    Canned server(GetParam().answer, GetParam().then);
    const Outcome done = status({{}, server.url()});
    EXPECT_EQ(done.status, 3);
    EXPECT_EQ(done.out, "");
    EXPECT_THAT(done.error, HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Strangers,
    testing::Values(
        Strange{"other", http("200 OK", "", "hello"), Canned::Then::close,
                "answers with HTTP status 200: not a whylink daemon"},
        Strange{"not_found", http("404 Not Found", "", "x"), Canned::Then::close,
                "answers with HTTP status 404: not a whylink daemon"},
        Strange{"redirect", http("302 Found", "Location: http://127.0.0.1:1/\r\n", ""), Canned::Then::close,
                "HTTP status 302"},
        Strange{"odd_status", http("200 OK", "Whylink-Exit-Status: 9\r\n", "x"), Canned::Then::close,
                "not a whylink daemon"},
        Strange{"busy", http("503 Service Unavailable", "", "x"), Canned::Then::close,
                "HTTP status 503: the daemon is not ready"},
        Strange{"ends", "", Canned::Then::close, "connected, but no complete response"},
        Strange{"not_http", "SSH-2.0-x\r\n", Canned::Then::close, "connected, but no complete response"},
        Strange{"silent", "", Canned::Then::stay, "connected, but no complete response"},
        Strange{"half", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", Canned::Then::stay,
                "connected, but no complete response"},
        Strange{"packed", http("200 OK", "Whylink-Exit-Status: 0\r\nContent-Encoding: gzip\r\n", "x"),
                Canned::Then::close, "connected, but no complete response"},
        Strange{"too_large", "HTTP/1.1 200 OK\r\nWhylink-Exit-Status: 0\r\nContent-Length: 67108865\r\n\r\nx",
                Canned::Then::stay, "the response is larger than 64 MiB"},
        Strange{"endless_header", "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
                Canned::Then::close, "connected, but no complete response"},
        Strange{"wants_a_user", http("401 Unauthorized", "", "x"), Canned::Then::close,
                "HTTP status 401: the daemon needs another user or password"},
        Strange{"refuses_the_name", http("403 Forbidden", "", "x"), Canned::Then::close,
                "HTTP status 403: use an address or localhost in the URL"},
        Strange{"dripping", "HTTP/1.1 200 OK\r\nX: ", Canned::Then::drip,
                "connected, but no complete response"}),
    [](const auto& row) { return row.param.name; });

/// Whoever has the port may be anybody on this host.
TEST(Status, WhatDoesSomethingToATerminalIsEscaped) {
    const std::string evil = "\x1b]52;c;cm0gLXJmIC8=\x07 ok\x1b[2J\n";
    Canned daemon(http("200 OK", "Whylink-Exit-Status: 0\r\n", evil));
    const Outcome done = status({{}, daemon.url()});
    EXPECT_EQ(done.status, 0);
    EXPECT_EQ(done.out, "\\x1b]52;c;cm0gLXJmIC8=\\x07 ok\\x1b[2J\n");
    Canned refusing(http("404 Not Found", "Whylink-Exit-Status: 2\r\n", evil));
    EXPECT_THAT(status({{"x"}, refusing.url()}).error, testing::Not(HasSubstr("\x1b")));
}

TEST(Status, AsksForNothingPacked) {
    Canned daemon(http("200 OK", "Whylink-Exit-Status: 0\r\n", ""));
    status({{}, daemon.url()});
    EXPECT_THAT(daemon.asked(), HasSubstr("\r\nAccept-Encoding: identity\r\n"));
    EXPECT_THAT(daemon.asked(), testing::Not(HasSubstr("Authorization")));
}

std::string with_user(const Canned& daemon, const std::string& user) {
    return "http://" + user + "@" + daemon.url().substr(7);
}

TEST(Status, SendsUserAndPassword) {
    const TemporaryFile password("s3cret\nanother line\n");
    Canned from_file(http("200 OK", "Whylink-Exit-Status: 0\r\n", ""));
    const Outcome quiet =
        status({.names = {}, .url = with_user(from_file, "prometheus"), .password_file = password.path()});
    EXPECT_EQ(quiet.error, "");
    EXPECT_THAT(from_file.asked(), HasSubstr("\r\nAuthorization: Basic cHJvbWV0aGV1czpzM2NyZXQ=\r\n"));
    Canned from_url(http("200 OK", "Whylink-Exit-Status: 0\r\n", ""));
    const Outcome warned = status({{}, with_user(from_url, "prometheus:s3cret")});
    EXPECT_EQ(warned.status, 0);
    EXPECT_THAT(warned.error, HasSubstr("use --password-file FILE"));
    EXPECT_THAT(warned.error, testing::Not(HasSubstr("s3cret")));
    EXPECT_THAT(from_url.asked(), HasSubstr("\r\nAuthorization: Basic cHJvbWV0aGV1czpzM2NyZXQ=\r\n"));
}

TEST(Status, APasswordFileNeedsAUserAndHasToBeThere) {
    const Outcome nobody = status({.names = {}, .url = "http://vm", .password_file = "/x"});
    EXPECT_EQ(nobody.status, 2);
    EXPECT_THAT(nobody.error, HasSubstr("--password-file needs a user in --url"));
    const Outcome missing = status({.names = {}, .url = "http://u@vm", .password_file = "/nonexistent"});
    EXPECT_EQ(missing.status, 2);
    EXPECT_THAT(missing.error, HasSubstr("--password-file /nonexistent: No such file"));
}

TEST(Status, NobodyThereIsSaid) {
    const Outcome done = status({{}, "http://127.0.0.1:1"}, nagios_format);
    EXPECT_EQ(done.status, 3);
    EXPECT_EQ(
        done.out,
        "WHYLINK UNKNOWN - no daemon answers at http://127.0.0.1:1: connection refused or timed out; start "
        "`whylink run`, or set --url\n");
    const Outcome tls = status({{}, "https://[::1]:1/x"});
    EXPECT_EQ(tls.status, 3);
    EXPECT_THAT(tls.error, HasSubstr("https://[::1]:1/x"));
}

TEST(Status, PlainTextBehindHttpsIsSaid) {
    Canned server("HTTP/1.1 400 Bad Request\r\n\r\n");
    const Outcome done = status({{}, "https" + server.url().substr(4)});
    EXPECT_EQ(done.status, 3);
    EXPECT_THAT(done.error, HasSubstr("the TLS handshake failed"));
}

TEST(Status, NeedsToKnowWhereToAsk) {
    EXPECT_EQ(status({}).status, 2);
    EXPECT_THAT(status({}).error, StartsWith("/nonexistent:1:1: "));
    const Outcome nagios = status({}, nagios_format);
    EXPECT_EQ(nagios.status, 3);
    EXPECT_THAT(nagios.out, StartsWith("WHYLINK UNKNOWN - /nonexistent:1:1: "));
    const TemporaryFile off("[daemon]\nallow_empty = true\nlisten = \"\"\n");
    const Outcome nothing = status({}, human_format, off.path());
    EXPECT_EQ(nothing.status, 3);
    EXPECT_THAT(nothing.error, HasSubstr("daemon.listen is \"\", so the daemon has no HTTP"));
    const Outcome wrong = status({{}, "vm:9797"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_THAT(wrong.error, HasSubstr("it does not start with http:// or https://"));
}

}  // namespace
}  // namespace whylink::daemon
