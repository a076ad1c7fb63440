// The server's TLS: certificates, client certificates, and both exchanged while it runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "daemon/http/access.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/server.hpp"
#include "tests/support/test_ca.hpp"
#include "tests/unit/daemon/http/free_port.hpp"
#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon::http {
namespace {

using test::free_port;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr timeval patience{30, 0};

int connected(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
}

/// What one request by TLS gets, with a client certificate where there is one; empty when the server ends it.
std::string https_get(std::uint16_t port, const lab::IssuedCertificate* own = nullptr,
                      int max_version = TLS1_3_VERSION) {
    std::signal(SIGPIPE, SIG_IGN);  // a server that refuses may have closed already
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                    SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), max_version);
    SSL_CTX_set_security_level(context.get(), 0);
    if (own != nullptr) {
        EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context.get(), own->certificate_file.c_str()), 1);
        EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), own->key_file.c_str(), SSL_FILETYPE_PEM), 1);
    }
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    const int fd = connected(port);
    SSL_set_fd(ssl.get(), fd);
    const std::string request = "GET / HTTP/1.1\r\nHost: vm\r\nConnection: close\r\n\r\n";
    std::string answer;
    if (SSL_connect(ssl.get()) == 1 &&
        SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())) > 0) {
        std::array<char, 4096> piece{};
        int got = 0;
        while ((got = SSL_read(ssl.get(), piece.data(), static_cast<int>(piece.size()))) > 0) {
            answer.append(piece.data(), static_cast<std::size_t>(got));
        }
    }
    close(fd);
    return answer;
}

config::Daemon daemon_with(const lab::IssuedCertificate& certificate, std::string client_ca = "") {
    config::Daemon daemon;
    daemon.tls = {certificate.certificate_file, certificate.key_file, std::move(client_ca)};
    return daemon;
}

Access access_to(const config::Daemon& daemon) {
    auto access = load_access(daemon, {});
    if (const auto* fault = std::get_if<std::string>(&access)) {
        ADD_FAILURE() << *fault;
        return {};
    }
    return std::get<Access>(std::move(access));
}

class Tls : public testing::Test {
  protected:
    Tls() {
        lab::CertificateOptions options;
        options.addresses = {*IpAddress::parse("127.0.0.1")};
        certificate_ = ca_.issue(options);
    }
    void listen(const Access& access) { EXPECT_EQ(server_.listen(address(), access.tls), std::nullopt); }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    ClientResult ask(const std::string& ca_file) const {
        return http::ask({.tls = true,
                          .host = "127.0.0.1",
                          .port = port_,
                          .authority = address(),
                          .target = "/",
                          .credentials = "",
                          .ca_file = ca_file});
    }

    lab::TestCa ca_;
    lab::IssuedCertificate certificate_;
    std::uint16_t port_ = free_port();
    Server server_{[](const Request& request, const Respond& respond) {
                       respond(plain(200, request.tls ? "by TLS" : "plain"));
                   },
                   [](const std::string&) {}};
};

TEST_F(Tls, AnswersWithItsCertificate) {
    listen(access_to(daemon_with(certificate_)));
    const ClientResult result = ask(ca_.certificate_file());
    ASSERT_TRUE(std::holds_alternative<ClientAnswer>(result.outcome));
    EXPECT_EQ(std::get<ClientAnswer>(result.outcome).body, "by TLS\n");
    EXPECT_EQ(result.peer, IpAddress::parse("127.0.0.1"));
    const lab::TestCa other("Other CA");
    EXPECT_EQ(std::get<ClientFault>(ask(other.certificate_file()).outcome), ClientFault::certificate);
    EXPECT_EQ(std::get<ClientFault>(ask("/nonexistent").outcome), ClientFault::ca_file);
}

TEST_F(Tls, SpeaksNothingBefore12) {
    listen(access_to(daemon_with(certificate_)));
    EXPECT_EQ(https_get(port_, nullptr, TLS1_1_VERSION), "");
    EXPECT_THAT(https_get(port_, nullptr, TLS1_2_VERSION), HasSubstr("by TLS"));
    EXPECT_THAT(https_get(port_, nullptr, TLS1_3_VERSION), HasSubstr("by TLS"));
}

TEST_F(Tls, WantsACertificateOfTheClientWhereThereIsACa) {
    lab::TestCa clients("Clients CA");
    lab::TestCa others("Others CA");
    listen(access_to(daemon_with(certificate_, clients.certificate_file())));
    const auto good = clients.issue_client("prometheus");
    const auto bad = others.issue_client("prometheus");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        EXPECT_EQ(https_get(port_, nullptr, version), "");
        EXPECT_EQ(https_get(port_, &bad, version), "");
        EXPECT_THAT(https_get(port_, &good, version), HasSubstr("by TLS"));
    }
}

TEST_F(Tls, ExchangesItsCertificateWhileItRuns) {
    listen(access_to(daemon_with(certificate_)));
    ASSERT_TRUE(std::holds_alternative<ClientAnswer>(ask(ca_.certificate_file()).outcome));
    lab::TestCa next("Next CA");
    lab::CertificateOptions options;
    options.addresses = {*IpAddress::parse("127.0.0.1")};
    server_.use_tls(access_to(daemon_with(next.issue(options))).tls);
    ASSERT_TRUE(std::holds_alternative<ClientAnswer>(ask(next.certificate_file()).outcome));
    EXPECT_EQ(std::get<ClientFault>(ask(ca_.certificate_file()).outcome), ClientFault::certificate);
}

TEST_F(Tls, AHandshakeThatIsLeftHoldsNobodyUp) {
    Limits limits;
    limits.first = 300ms;
    Server server([](const Request&, const Respond& respond) { respond({}); }, [](const std::string&) {},
                  limits);
    const std::uint16_t port = free_port();
    ASSERT_EQ(server.listen("127.0.0.1:" + std::to_string(port), access_to(daemon_with(certificate_)).tls),
              std::nullopt);
    const int fd = connected(port);
    ASSERT_EQ(send(fd, "\x16\x03\x01\x02", 4, MSG_NOSIGNAL), 4);
    EXPECT_THAT(https_get(port), HasSubstr("200 OK"));
    std::array<char, 64> rest{};
    EXPECT_LE(recv(fd, rest.data(), rest.size(), 0), 0) << "the time for a first request has passed";
    close(fd);
}

// ---- files ----

TEST_F(Tls, AFileThatIsOfNoUseIsNamed) {
    const auto fault = [](const config::Daemon& daemon) {
        const auto access = load_access(daemon, {});
        const auto* text = std::get_if<std::string>(&access);
        return text != nullptr ? *text : "";
    };
    config::Daemon missing = daemon_with(certificate_);
    missing.tls.cert_file = "/nonexistent/cert.pem";
    EXPECT_THAT(fault(missing), HasSubstr("[daemon.tls] cert_file /nonexistent/cert.pem: "));
    config::Daemon mixed = daemon_with(certificate_);
    mixed.tls.key_file = ca_.issue_server("other.example").key_file;
    EXPECT_THAT(fault(mixed), HasSubstr("[daemon.tls] key_file "));
    config::Daemon ca = daemon_with(certificate_, certificate_.key_file);
    EXPECT_THAT(fault(ca), HasSubstr("[daemon.tls] client_ca_file "));
}

TEST_F(Tls, WithoutFilesThereIsNoTls) {
    config::Daemon daemon;
    daemon.users = {{"a", "hash"}};
    const Access access = access_to(daemon);
    EXPECT_EQ(access.tls, nullptr);
    EXPECT_EQ(access.users, daemon.users);
    EXPECT_FALSE(refreshed(access).has_value());
}

TEST_F(Tls, ChangedFilesAreReadAgain) {
    const Access before = access_to(daemon_with(certificate_));
    EXPECT_FALSE(refreshed(before).has_value()) << "nothing has changed";
    std::ofstream(certificate_.certificate_file) << "half written";
    auto broken = refreshed(before);
    ASSERT_TRUE(broken.has_value());
    EXPECT_TRUE(std::holds_alternative<std::string>(*broken));
    const auto next = ca_.issue_server("next.example");
    std::filesystem::copy_file(next.certificate_file, certificate_.certificate_file,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(next.key_file, certificate_.key_file,
                               std::filesystem::copy_options::overwrite_existing);
    const auto fresh = refreshed(before);
    ASSERT_TRUE(fresh.has_value());
    ASSERT_TRUE(std::holds_alternative<Access>(*fresh));
    EXPECT_NE(std::get<Access>(*fresh).tls, before.tls);
    EXPECT_FALSE(refreshed(std::get<Access>(*fresh)).has_value());
}

const std::string hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

std::string config_with(const std::string& users) {
    return "[daemon]\nallow_empty = true\n[daemon.users]\n" + users;
}

TEST(Users, AreReadAgainFromAConfigThatChanged) {
    const fabricated::TemporaryFile file(config_with("one = \"" + hash + "\"\n"));
    Access before;
    before.users = {{"one", hash}};
    before.config_stamps = {stamp_of(file.path())};
    EXPECT_FALSE(refreshed(before).has_value());
    std::ofstream(file.path()) << config_with("one = \"" + hash + "\"\nsecond = \"" + hash + "\"\n");
    const auto fresh = refreshed(before);
    ASSERT_TRUE(fresh.has_value());
    ASSERT_TRUE(std::holds_alternative<Access>(*fresh));
    EXPECT_EQ(std::get<Access>(*fresh).users.size(), 2U);
}

/// An editor leaves it so for a moment.
TEST(Users, AConfigWithoutAnyDoesNotOpenTheDoor) {
    const fabricated::TemporaryFile file(config_with("one = \"" + hash + "\"\n"));
    Access before;
    before.users = {{"one", hash}};
    before.config_stamps = {stamp_of(file.path())};
    std::ofstream(file.path()) << "[daemon]\nallow_empty = true\n";
    const auto without = refreshed(before);
    ASSERT_TRUE(without.has_value());
    EXPECT_EQ(std::get<Access>(*without).users, before.users);
    std::ofstream(file.path()) << "";
    const auto empty = refreshed(before);
    ASSERT_TRUE(empty.has_value());
    EXPECT_TRUE(std::holds_alternative<std::string>(*empty));
}

}  // namespace
}  // namespace whylink::daemon::http
