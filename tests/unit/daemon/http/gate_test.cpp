#include "daemon/http/gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "daemon/http/passwords.hpp"

namespace whylink::daemon::http {
namespace {

// "secret" and "other", at the least cost that bcrypt has.
const std::string hash_of_secret = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
const std::string hash_of_other = "$2b$04$abcdefghijklmnopqrstuu0HtfOlPbTiymk5tcV.3TsFPDd3SYZqu";

class GateTest : public testing::Test {
  protected:
    Response ask(Request request) {
        auto got = std::make_shared<std::promise<Response>>();
        gate_.handle(std::move(request), [got](Response response) { got->set_value(std::move(response)); });
        return got->get_future().get();
    }
    unsigned status(Request request) { return ask(std::move(request)).status; }
    static Request get(std::string host = "127.0.0.1:9797") {
        return {
            .method = "GET", .path = "/", .host = std::move(host), .peer = "127.0.0.1", .on_loopback = true};
    }
    static Request post(std::string origin, std::string site = "") {
        Request request = get();
        request.method = "POST";
        request.origin = std::move(origin);
        request.fetch_site = std::move(site);
        return request;
    }
    static Request by(std::string authorization) {
        Request request = get();
        request.authorization = std::move(authorization);
        return request;
    }

    int inside_ = 0;
    Gate gate_{[this](const Request& request, const Respond& respond) {
        ++inside_;
        EXPECT_EQ(request.authorization, "") << "nobody behind the gate sees a password";
        respond(plain(200, "inside"));
    }};
};

/// A name that somebody made to lead to 127.0.0.1 has a page of its own, whose script would read the report.
TEST_F(GateTest, OnALoopbackListenerTheHostIsAnAddressOrLocalhost) {
    for (const char* host :
         {"127.0.0.1:9797", "127.0.0.1", "[::1]:9797", "localhost", "LocalHost:9797", "10.0.0.4", ""}) {
        EXPECT_EQ(status(get(host)), 200U) << host;
    }
    for (const char* host : {"rebound.example", "rebound.example:9797", "localhost.example",
                             "127.0.0.1.example", "a b", "127.0.0.1@rebound.example", "127.0.0.1:x"}) {
        EXPECT_EQ(status(get(host)), 403U) << host;
    }
    Request elsewhere = get("vm-7.example:9797");
    elsewhere.on_loopback = false;
    EXPECT_EQ(status(elsewhere), 200U);
}

TEST_F(GateTest, APageOfAnotherSiteChangesNothing) {
    EXPECT_EQ(status(post("")), 200U);
    EXPECT_EQ(status(post("http://127.0.0.1:9797")), 200U);
    EXPECT_EQ(status(post("", "same-origin")), 200U);
    EXPECT_EQ(status(post("", "none")), 200U);
    const int before = inside_;
    for (const char* origin : {"http://evil.example", "https://127.0.0.1:9797", "http://127.0.0.1:9798",
                               "http://127.0.0.1", "null", "http://127.0.0.1:9797.evil.example"}) {
        EXPECT_EQ(status(post(origin)), 403U) << origin;
    }
    EXPECT_EQ(status(post("", "cross-site")), 403U);
    EXPECT_EQ(status(post("http://127.0.0.1:9797", "same-site")), 403U);
    EXPECT_EQ(inside_, before);
    Request reading = post("http://evil.example", "cross-site");
    reading.method = "GET";
    EXPECT_EQ(status(reading), 200U);
}

/// By the time that an image of /probe takes, it would learn which ports are open.
TEST_F(GateTest, APageOfAnotherSiteProbesNothing) {
    Request probe = get();
    probe.path = "/probe";
    EXPECT_EQ(status(probe), 200U) << "of Prometheus, or curl";
    probe.fetch_site = "cross-site";
    probe.fetch_dest = "image";
    EXPECT_EQ(status(probe), 403U);
    probe.fetch_dest = "iframe";
    EXPECT_EQ(status(probe), 403U);
    probe.fetch_dest = "document";
    EXPECT_EQ(status(probe), 200U) << "a link on a page of Prometheus";
    probe.fetch_site = "";
    probe.fetch_dest = "";
    probe.origin = "http://evil.example";
    EXPECT_EQ(status(probe), 403U);
}

TEST_F(GateTest, TheDefaultPortOfAnOriginMayBeLeftOut) {
    Request request = post("https://vm-7.example");
    request.host = "VM-7.example:443";
    request.tls = true;
    request.on_loopback = false;
    EXPECT_EQ(status(request), 200U);
}

TEST_F(GateTest, WithUsersOneIsNeeded) {
    gate_.use_users({{"prometheus", hash_of_secret}, {"admin", hash_of_other}});
    const Response refused = ask(get());
    EXPECT_EQ(refused.status, 401U);
    EXPECT_THAT(refused.headers,
                testing::Contains(testing::Pair("WWW-Authenticate", testing::StartsWith("Basic "))));
    EXPECT_EQ(inside_, 0);
    EXPECT_EQ(status(by("Basic cHJvbWV0aGV1czpzZWNyZXQ=")), 200U) << "prometheus:secret";
    EXPECT_EQ(status(by("basic  cHJvbWV0aGV1czpzZWNyZXQ=")), 200U) << "remembered";
    EXPECT_EQ(status(by("Basic YWRtaW46b3RoZXI=")), 200U) << "admin:other";
    EXPECT_EQ(inside_, 3);
    for (const char* wrong : {"Basic YWRtaW46c2VjcmV0", "Basic bm9ib2R5OnNlY3JldA==",
                              "Basic cHJvbWV0aGV1czo=", "Basic cHJvbWV0aGV1cw==", "Basic !!!!", "Basic ",
                              "Bearer cHJvbWV0aGV1czpzZWNyZXQ=", "Basic cHJvbWV0aGV1czpzZWNyZXQAeA=="}) {
        EXPECT_EQ(status(by(wrong)), 401U) << wrong;
    }
    EXPECT_EQ(inside_, 3);
}

TEST_F(GateTest, AnotherHashForgetsThePasswordOfBefore) {
    gate_.use_users({{"admin", hash_of_secret}});
    EXPECT_EQ(status(by("Basic YWRtaW46c2VjcmV0")), 200U);
    gate_.use_users({{"admin", hash_of_other}});
    EXPECT_EQ(status(by("Basic YWRtaW46c2VjcmV0")), 401U);
    EXPECT_EQ(status(by("Basic YWRtaW46b3RoZXI=")), 200U);
    gate_.use_users({});
    EXPECT_EQ(status(get()), 200U);
}

TEST(Passwords, AreThoseOfTheirHash) {
    EXPECT_TRUE(is_password_of("secret", hash_of_secret));
    EXPECT_TRUE(is_password_of("other", hash_of_other));
    EXPECT_FALSE(is_password_of("secret", hash_of_other));
    EXPECT_FALSE(is_password_of("", hash_of_secret));
    EXPECT_FALSE(is_password_of(std::string("secret\0x", 8), hash_of_secret));
    EXPECT_FALSE(is_password_of("secret", "no hash"));
    EXPECT_FALSE(is_password_of("secret", ""));
}

/// A hash that takes about a second, so that what is asked meanwhile waits.
const std::string slow_hash = "$2y$14$abcdefghijklmnopqrstuuD2Y7q2fZ2r8dK0W0m0Hq4yV5zQ1n9l6";

TEST(Passwords, WhoGuessesFastIsToldToWaitAndOthersAreNot) {
    Passwords passwords;
    const auto ignore = [](PasswordVerdict) {};
    passwords.check("a", "guess 1", slow_hash, "10.0.0.1", ignore);
    passwords.check("a", "guess 2", slow_hash, "10.0.0.1", ignore);
    auto third = PasswordVerdict::right;
    passwords.check("a", "guess 3", slow_hash, "10.0.0.1",
                    [&third](PasswordVerdict verdict) { third = verdict; });
    EXPECT_EQ(third, PasswordVerdict::busy);
    auto again = std::make_shared<std::promise<PasswordVerdict>>();
    passwords.check("a", "guess 1", slow_hash, "10.0.0.1",
                    [again](PasswordVerdict verdict) { again->set_value(verdict); });
    auto other = std::make_shared<std::promise<PasswordVerdict>>();
    passwords.check("b", "secret", hash_of_secret, "10.0.0.2",
                    [other](PasswordVerdict verdict) { other->set_value(verdict); });
    EXPECT_EQ(again->get_future().get(), PasswordVerdict::wrong)
        << "the same question waits for the same answer";
    EXPECT_EQ(other->get_future().get(), PasswordVerdict::right);
}

TEST(Passwords, AVerdictIsRememberedAndGivenAtOnce) {
    Passwords passwords;
    for (const auto& [password, verdict] :
         {std::pair("secret", PasswordVerdict::right), std::pair("guess", PasswordVerdict::wrong)}) {
        auto first = std::make_shared<std::promise<PasswordVerdict>>();
        passwords.check("a", password, hash_of_secret, "10.0.0.1",
                        [first](PasswordVerdict found) { first->set_value(found); });
        EXPECT_EQ(first->get_future().get(), verdict);
        auto at_once = PasswordVerdict::busy;
        passwords.check("a", password, hash_of_secret, "10.0.0.1",
                        [&at_once](PasswordVerdict found) { at_once = found; });
        EXPECT_EQ(at_once, verdict);
    }
}

}  // namespace
}  // namespace whylink::daemon::http
