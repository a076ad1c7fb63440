// What is secret goes to nobody but the endpoint: connections on loopback, and what arrives at their other end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "daemon/round/connection_stage.hpp"
#include "daemon/round/plain_attempt.hpp"
#include "support/certificates.hpp"
#include "support/tls_witness.hpp"
#include "tests/unit/probes/exchange_fixture.hpp"
#include "tests/unit/probes/loopback.hpp"
#include "tests/unit/probes/run_probe.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using probes::loopback_v4;
using probes::OnePeer;
using probes::Withheld;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* host = "db.corp.test";
constexpr const char* password = "PASS hunter2\r\n";

const lab::Certificates& certificates() {
    static const lab::Certificates made{host};
    return made;
}

Cidr cidr(const char* text) {
    return *Cidr::parse(text);
}

/// By its name; that leads to loopback, which `expect` has or has not.
config::Endpoint endpoint_at(std::uint16_t port, const char* expect) {
    config::Endpoint endpoint;
    endpoint.name = "db";
    endpoint.host = host;
    endpoint.port = port;
    endpoint.expect = {cidr(expect)};
    endpoint.timeout = 30s;
    endpoint.tls.mode = config::TlsMode::off;
    endpoint.tls.server_name = host;
    return endpoint;
}

config::Endpoint with_script(config::Endpoint endpoint) {
    endpoint.app = config::App::expect;
    endpoint.expect_script = {{.send = password, .expect = "OK", .starttls = false}};
    return endpoint;
}

config::Endpoint with_tls(config::Endpoint endpoint) {
    const auto files = certificates().files();
    endpoint.tls.mode = config::TlsMode::required;
    endpoint.tls.ca_file = files.at("ca");
    endpoint.tls.cert_file = files.at("client_cert");
    endpoint.tls.key_file = files.at("client_key");
    return endpoint;
}

ConnectionResult connect(ConnectionPlan plan, const TlsContextOrFault& tls = {}) {
    const Capturing nothing(nullptr);
    asio::io_context loop;
    return probes::run_probe(loop, probe_connection(std::move(plan), tls, nothing));
}

ConnectionResult connect_with_tls(const config::Endpoint& endpoint) {
    probes::TlsContexts contexts;
    probes::TlsSettings settings;
    settings.ca_file = endpoint.tls.ca_file;
    settings.cert_file = endpoint.tls.cert_file;
    settings.key_file = endpoint.tls.key_file;
    const TlsContextOrFault tls = contexts.get(settings);
    EXPECT_TRUE(std::holds_alternative<probes::TlsContextPtr>(tls));
    return connect(plan_of(endpoint, loopback_v4), tls);
}

const probes::TlsFacts& tls_of(const ConnectionResult& result) {
    return get<probes::TlsFacts>(result.tls->facts);
}

/// All that a client sends to one who says nothing, or greets first.
std::string heard_from(const std::function<void(std::uint16_t port)>& client,
                       const std::string& greeting = {}) {
    std::string heard;
    OnePeer peer([&](int fd) {
        probes::transmit(fd, greeting);
        heard = probes::receive(fd, sizeof "PASS hunter2\r\n" - 1);
    });
    client(peer.port());
    peer.join();
    return heard;
}

constexpr const char* right = "127.0.0.0/8";
constexpr const char* wrong = "10.0.0.4";

// ---- which addresses ----

Withheld withheld_at(const config::Endpoint& endpoint, const char* address) {
    return plan_of(endpoint, *IpAddress::parse(address)).withhold;
}

config::Endpoint endpoint_without_expect() {
    config::Endpoint endpoint = endpoint_at(443, wrong);
    endpoint.expect.clear();
    return endpoint;
}

TEST(Secrets, AreKeptFromAnAddressOutsideExpect) {
    config::Endpoint endpoint = endpoint_at(443, wrong);
    EXPECT_EQ(withheld_at(endpoint, "10.0.0.4"), Withheld::no);
    EXPECT_EQ(withheld_at(endpoint, "10.0.0.5"), Withheld::wrong_address);
    EXPECT_EQ(withheld_at(endpoint, "203.0.113.5"), Withheld::wrong_address);
    endpoint.private_space = false;
    EXPECT_EQ(withheld_at(endpoint, "203.0.113.5"), Withheld::wrong_address);
}

TEST(Secrets, AreKeptFromAPublicAddressOfAPrivateLinkWithoutExpect) {
    config::Endpoint endpoint = endpoint_without_expect();
    EXPECT_EQ(withheld_at(endpoint, "10.0.0.5"), Withheld::no);
    EXPECT_EQ(withheld_at(endpoint, "203.0.113.5"), Withheld::wrong_address);
    endpoint.private_space = false;
    EXPECT_EQ(withheld_at(endpoint, "203.0.113.5"), Withheld::no);
}

TEST(Secrets, GoToALoopbackAddressOfTheHostsFileWherePrivateIsNotJudged) {
    config::Endpoint endpoint = endpoint_without_expect();
    EXPECT_EQ(withheld_at(endpoint, "127.0.0.1"), Withheld::wrong_address);
    endpoint.private_space = false;
    EXPECT_EQ(withheld_at(endpoint, "127.0.0.1"), Withheld::no);
}

TEST(Secrets, GoToTheAddressThatTheConfigNames) {
    config::Endpoint endpoint = endpoint_without_expect();
    endpoint.host = "203.0.113.5";
    endpoint.address = IpAddress::parse(endpoint.host);
    EXPECT_EQ(withheld_at(endpoint, "203.0.113.5"), Withheld::no);
}

// ---- scripts ----

TEST(Script, IsSaidToTheEndpoint) {
    EXPECT_EQ(heard_from([](std::uint16_t port) {
                  connect(plan_of(with_script(endpoint_at(port, right)), loopback_v4));
              }),
              password);
}

TEST(Script, IsNotSaidAtAWrongAddress) {
    ConnectionResult result;
    EXPECT_EQ(heard_from(
                  [&](std::uint16_t port) {
                      result = connect(plan_of(with_script(endpoint_at(port, wrong)), loopback_v4));
                  },
                  "OK\r\n"),
              "");
    EXPECT_FALSE(result.app);
    const auto& tcp = get<probes::TcpFacts>(result.tcp->facts);
    EXPECT_TRUE(tcp.connected);
    EXPECT_EQ(tcp.first_bytes, "OK\r\n") << "what sits there is looked at all the same";
}

TEST(Script, ThatBeginsTlsMakesNoClientHelloAtAWrongAddress) {
    config::Endpoint endpoint = with_tls(with_script(endpoint_at(0, wrong)));
    endpoint.expect_script.front().starttls = true;
    EXPECT_EQ(heard_from([&](std::uint16_t port) {
                  endpoint.port = port;
                  connect_with_tls(endpoint);
              }),
              "");
}

TEST(Script, IsNotSaidInPlainTextWhereTlsWasToBeTried) {
    config::Endpoint endpoint = with_script(endpoint_at(9000, right));
    endpoint.tls.mode = config::TlsMode::attempt;
    ConnectionResult no_tls;
    no_tls.tls.emplace();
    no_tls.tls->facts = probes::TlsFacts{};
    EXPECT_EQ(plain_app(endpoint, no_tls), config::App::none);
    endpoint.app = config::App::redis;
    EXPECT_EQ(plain_app(endpoint, no_tls), config::App::redis);
}

TEST(Script, IsSaidInsideTlsThatVerifies) {
    lab::TlsWitness witness(certificates().service("good"));
    connect_with_tls(with_tls(with_script(endpoint_at(witness.port(), right))));
    EXPECT_EQ(witness.seen().said, password);
}

TEST(Script, IsNotSaidInsideTlsThatDoesNotVerify) {
    for (const char* identity : {"self_signed", "expired", "other_name", "unknown_ca"}) {
        lab::TlsWitness witness(certificates().service(identity));
        const ConnectionResult result =
            connect_with_tls(with_tls(with_script(endpoint_at(witness.port(), right))));
        EXPECT_EQ(witness.seen().said, "") << identity;
        EXPECT_FALSE(result.app) << identity;
    }
}

TEST(Script, IsSaidToWhoeverAnswersWhereTheConfigSaysNotToVerify) {
    lab::TlsWitness witness(certificates().service("self_signed"));
    config::Endpoint endpoint = with_tls(with_script(endpoint_at(witness.port(), right)));
    endpoint.tls.verify = false;
    connect_with_tls(endpoint);
    EXPECT_EQ(witness.seen().said, password);
}

TEST(Script, IsNotSaidAtAWrongAddressEvenWhereTheConfigSaysNotToVerify) {
    lab::TlsWitness witness(certificates().service("good"));
    config::Endpoint endpoint = with_tls(with_script(endpoint_at(witness.port(), wrong)));
    endpoint.tls.verify = false;
    connect_with_tls(endpoint);
    EXPECT_EQ(witness.seen().said, "");
}

// ---- client certificates ----

struct ClientCertificate : testing::Test {
    /// Of a server that asks for one.
    static std::pair<ConnectionResult, lab::TlsWitness::Seen> shown_at(const char* expect) {
        lab::TlsService service = certificates().service_for_clients();
        service.client_optional = true;
        lab::TlsWitness witness(service);
        ConnectionResult result = connect_with_tls(with_tls(endpoint_at(witness.port(), expect)));
        return {std::move(result), witness.seen()};
    }
};

TEST_F(ClientCertificate, IsShownToTheEndpoint) {
    const auto [result, seen] = shown_at(right);
    EXPECT_TRUE(seen.client_certificate);
    EXPECT_TRUE(tls_of(result).client_certificate_sent);
}

TEST_F(ClientCertificate, IsNotShownAtAWrongAddressToAServerThatVerifies) {
    const auto [result, seen] = shown_at(wrong);
    EXPECT_TRUE(seen.connected);
    EXPECT_FALSE(seen.client_certificate);
    EXPECT_EQ(tls_of(result).client_certificate_withheld, Withheld::wrong_address);
}

TEST_F(ClientCertificate, HasTheServerVerifiedAlsoInAProtocolOfItsOwn) {
    config::Endpoint endpoint = endpoint_at(5432, right);
    endpoint.tls.mode = config::TlsMode::attempt;
    ASSERT_TRUE(own_protocol(endpoint, loopback_v4));
    EXPECT_FALSE(own_protocol(endpoint, loopback_v4)->verify);
    endpoint.tls.cert_file = "client.pem";
    EXPECT_TRUE(own_protocol(endpoint, loopback_v4)->verify);
}

// ---- queries of HTTP ----

std::string request_at(const char* expect) {
    std::string heard;
    OnePeer peer([&heard](int fd) {
        heard = probes::receive_until(fd, "\r\n\r\n");
        probes::transmit(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    config::Endpoint endpoint = endpoint_at(peer.port(), expect);
    endpoint.app = config::App::http;
    endpoint.http_path = "/health?token=hunter2";
    connect(plan_of(endpoint, loopback_v4));
    peer.join();
    return heard;
}

TEST(HttpQuery, IsNotAskedAtAWrongAddress) {
    EXPECT_THAT(request_at(right), StartsWith("GET /health?token=hunter2 "));
    EXPECT_THAT(request_at(wrong), StartsWith("GET /health "));
    EXPECT_THAT(request_at(wrong), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace whylink::daemon
