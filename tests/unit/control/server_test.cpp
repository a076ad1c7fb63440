// The program's socket: lines in, lines out, and its end.
#include "control/program/server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "control/protocol/json.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/control/fakes.hpp"

namespace whylink::control {
namespace {

using namespace std::chrono_literals;

void send_line(int descriptor, std::string line) {
    line += '\n';
    ASSERT_EQ(::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL), static_cast<ssize_t>(line.size()));
}

/// Empty at the end of the connection.
std::string receive_line(int descriptor) {
    std::string line;
    char byte = 0;
    while (::recv(descriptor, &byte, 1, 0) == 1) {
        if (byte == '\n') {
            return line;
        }
        line += byte;
    }
    return {};
}

config::Account gcp_account() {
    config::Account account;
    account.name = "acme";
    account.provider = config::AccountProvider::gcp;
    return account;
}

/// Over a pair, as a child of the daemon.
class Child : public testing::Test {
  protected:
    void SetUp() override {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        ours_ = ends[0];
        thread_ = std::jthread([this, theirs = ends[1]] { result_ = serve_connection(theirs, reader_, {}); });
    }
    void TearDown() override { close_ours(); }

    void close_ours() {
        if (ours_ >= 0) {
            ::close(ours_);
            ours_ = -1;
        }
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    Answer ask(const Request& request) {
        send_line(ours_, to_line(request));
        const auto answer = parse_answer(receive_line(ours_));
        if (const auto* malformed = std::get_if<Malformed>(&answer)) {
            ADD_FAILURE() << malformed->reason;
            return Refusal{};
        }
        return std::get<Answer>(answer);
    }

    FakeEnvironment environment_;
    FakeTransport transport_;
    Reader reader_{transport_, environment_};
    int ours_ = -1;
    int result_ = -1;
    std::jthread thread_;
};

TEST_F(Child, AnswersEachRequestByItsId) {
    ReadRequest request;
    request.id = 41;
    request.account = gcp_account();
    const Answer answer = ask(request);
    const auto& readings = std::get<ReadAnswer>(answer);
    EXPECT_EQ(readings.id, 41U);
    ASSERT_EQ(readings.readings.reads.size(), 1U);
    EXPECT_EQ(readings.readings.reads[0].account, "acme");
    EXPECT_EQ(readings.readings.reads[0].detail, "GCP accounts are not read yet");
    EXPECT_EQ(std::get<CheckAnswer>(ask(CheckRequest{42, gcp_account(), 1000})).id, 42U);
}

TEST_F(Child, RefusesWhatItDoesNotUnderstand) {
    send_line(ours_, "{\"kind\": \"delete\", \"message\": {}}");
    const auto answer = parse_answer(receive_line(ours_));
    EXPECT_EQ(std::get<Refusal>(std::get<Answer>(answer)).reason, "kind: is not known");
}

TEST_F(Child, EndsWithItsConnection) {
    close_ours();
    EXPECT_EQ(result_, 0);
}

TEST_F(Child, EndsALineThatIsTooLong) {
    const std::string part(1UL << 20, 'x');
    for (int i = 0; i < 8; ++i) {
        if (::send(ours_, part.data(), part.size(), MSG_NOSIGNAL) < 0) {
            break;
        }
    }
    EXPECT_EQ(receive_line(ours_), "");
    close_ours();
    EXPECT_EQ(result_, 0);
}

TEST(Listening, EndsWhenItIsIdle) {
    const lab::TemporaryDirectory directory;
    const std::string path = directory / "control.sock";
    const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listening, 4), 0);
    FakeEnvironment environment;
    FakeTransport transport;
    Reader reader(transport, environment);
    std::string line;
    std::jthread client([&] {
        const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
            send_line(connection, to_line(Request(CheckRequest{7, gcp_account(), 1000})));
            line = receive_line(connection);
        }
        ::close(connection);
    });
    ServerLimits limits;
    limits.idle = 1s;
    EXPECT_EQ(serve_listening(listening, reader, limits), 0);
    client.join();
    EXPECT_NE(line.find("not read yet"), std::string::npos) << line;
    ::close(listening);
}

TEST(Readers, SayNothingSecret) {
    FakeEnvironment environment;
    environment.files["/secret"] = "planted-secret-of-the-key";
    FakeTransport transport;
    transport.answers = [](const Sent& sent) {
        return FakeTransport::answer(401, "{\"error\": \"bad key planted-secret-of-the-key " +
                                              sent.headers.at("Authorization") + "\"}");
    };
    Reader reader(transport, environment);
    CheckRequest request;
    request.account.name = "vendor";
    request.account.provider = config::AccountProvider::clickhouse;
    request.account.key_id = "id";
    request.account.key_secret_file = "/secret";
    const std::string line = reader.line(request);
    EXPECT_FALSE(transport.sent.empty());
    EXPECT_EQ(line.find("planted"), std::string::npos) << line;
    EXPECT_NE(line.find("Basic [redacted]"), std::string::npos) << line;
}

}  // namespace
}  // namespace whylink::control
