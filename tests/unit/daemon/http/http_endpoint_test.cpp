#include "daemon/http/http_endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "daemon/http/client.hpp"
#include "tests/support/test_ca.hpp"
#include "tests/unit/daemon/http/free_port.hpp"

namespace whylink::daemon::http {
namespace {

using test::free_port;

// Of "secret".
const std::string hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

class HttpEndpointTest : public testing::Test {
  protected:
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    /// The status; 0 when there is no answer.
    unsigned ask(const std::string& credentials = "", const std::string& ca_file = "") const {
        const ClientResult result = http::ask({.tls = !ca_file.empty(),
                                               .host = "127.0.0.1",
                                               .port = port_,
                                               .authority = address(),
                                               .target = "/",
                                               .credentials = credentials,
                                               .ca_file = ca_file});
        const auto* answer = std::get_if<ClientAnswer>(&result.outcome);
        return answer != nullptr ? answer->status : 0;
    }
    static Access with_user() {
        Access access;
        access.users = {{"admin", hash}};
        return access;
    }

    std::uint16_t port_ = free_port();
    asio::io_context loop_{1};
    Worker disk_;
    HttpEndpoint endpoint_{loop_,
                           disk_,
                           [](const Request&, const Respond& respond) { respond(plain(200, "inside")); },
                           {},
                           {.inform = [](const std::string&) {}, .complain = [](const std::string&) {}}};
};

TEST_F(HttpEndpointTest, LetsInWhoHasAccess) {
    ASSERT_EQ(endpoint_.move_to(address(), {}), std::nullopt);
    EXPECT_EQ(ask(), 200U);
    ASSERT_EQ(endpoint_.move_to(address(), with_user()), std::nullopt);
    EXPECT_EQ(ask(), 401U);
    EXPECT_EQ(ask("admin:secret"), 200U);
    EXPECT_EQ(ask("admin:guess"), 401U);
    EXPECT_EQ(endpoint_.status().requests, 4U);
}

TEST_F(HttpEndpointTest, TurnsToTlsAtTheSameAddress) {
    lab::TestCa ca;
    lab::CertificateOptions options;
    options.addresses = {*IpAddress::parse("127.0.0.1")};
    const auto certificate = ca.issue(options);
    ASSERT_EQ(endpoint_.move_to(address(), {}), std::nullopt);
    EXPECT_EQ(ask(), 200U);
    config::Daemon daemon;
    daemon.tls = {certificate.certificate_file, certificate.key_file, ""};
    auto access = load_access(daemon, {});
    ASSERT_TRUE(std::holds_alternative<Access>(access));
    ASSERT_EQ(endpoint_.move_to(address(), std::get<Access>(std::move(access))), std::nullopt);
    EXPECT_EQ(ask("", ca.certificate_file()), 200U);
    EXPECT_EQ(ask(), 0U);
}

TEST_F(HttpEndpointTest, KeepsAddressAndUsersWhenTheNewAddressIsRefused) {
    ASSERT_EQ(endpoint_.move_to(address(), with_user()), std::nullopt);
    EXPECT_THAT(endpoint_.move_to("192.0.2.1:80", {}),
                testing::Optional(testing::HasSubstr("cannot listen on 192.0.2.1:80")));
    EXPECT_EQ(ask(), 401U);
    EXPECT_EQ(ask("admin:secret"), 200U);
}

}  // namespace
}  // namespace whylink::daemon::http
