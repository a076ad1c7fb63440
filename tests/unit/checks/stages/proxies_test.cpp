#include "checks/stages/proxies.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace whylink::checks {
namespace {

using probes::ProxySetting;

// ---- NO_PROXY ----

struct ExceptRow {
    const char* list;
    const char* host;
    std::uint16_t port;
    bool excepted;
};

void PrintTo(const ExceptRow& row, std::ostream* out) {
    *out << row.list << " for " << row.host << ":" << row.port;
}

class NoProxy : public testing::TestWithParam<ExceptRow> {};

TEST_P(NoProxy, IsReadAsProgramsReadIt) {
    const ExceptRow& row = GetParam();
    EXPECT_EQ(is_excepted(row.list, row.host, row.port), row.excepted);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, NoProxy,
    testing::Values(
        ExceptRow{"", "db.example.com", 443, false}, ExceptRow{"*", "db.example.com", 443, true},
        ExceptRow{"other.test, *", "10.0.0.4", 443, true},
        ExceptRow{"db.example.com", "db.example.com", 443, true},
        ExceptRow{"example.com", "db.example.com", 443, true},
        ExceptRow{".example.com", "db.example.com", 443, true},
        ExceptRow{"*.example.com", "db.example.com", 443, true},
        ExceptRow{"Example.COM.", "db.example.com", 443, true},
        ExceptRow{"ample.com", "db.example.com", 443, false},
        ExceptRow{"example.com", "notexample.com", 443, false},
        ExceptRow{"a.test b.test,db.example.com", "db.example.com", 443, true},
        ExceptRow{"db.example.com:8443", "db.example.com", 443, false},
        ExceptRow{"db.example.com:443", "db.example.com", 443, true},
        ExceptRow{"10.0.0.4", "10.0.0.4", 443, true}, ExceptRow{"10.0.0.4:80", "10.0.0.4", 443, false},
        ExceptRow{"10.0.0.4:443", "10.0.0.4", 443, true}, ExceptRow{"10.0.0.0/8", "10.1.2.3", 443, true},
        ExceptRow{"10.0.0.0/8", "11.1.2.3", 443, false}, ExceptRow{"fd00::/8", "fd00::4", 443, true},
        ExceptRow{"[fd00::4]:443", "fd00::4", 443, true}, ExceptRow{"[fd00::4]:80", "fd00::4", 443, false},
        // A name is not resolved for a block: the classic reason for a list that does nothing.
        ExceptRow{"10.0.0.0/8", "db.example.com", 443, false},
        // What is no entry excepts nothing, and takes nothing from the others.
        ExceptRow{",, ,:,*.,.,[,10.0.0.0/99,:443", "db.example.com", 443, false},
        ExceptRow{"[, db.example.com", "db.example.com", 443, true}));

// ---- who is sent over a proxy ----

config::Endpoint endpoint(const char* host, std::uint16_t port, bool tls,
                          config::App app = config::App::none) {
    config::Endpoint made;
    made.host = host;
    made.address = IpAddress::parse(host);
    made.port = port;
    made.tls.mode = tls ? config::TlsMode::required : config::TlsMode::off;
    made.app = app;
    return made;
}

std::string proxy_of(const config::Endpoint& of, const std::vector<ProxySetting>& settings) {
    const auto use = proxy_for(of, settings);
    return use ? proxy_text(*use) : "";
}

const ProxySetting https{"HTTPS_PROXY", "http://10.0.0.5:3128", "environment"};
const ProxySetting http{"http_proxy", "http://10.0.0.6:3128", "/etc/environment"};

TEST(ProxyFor, TakesTheVariableOfTheScheme) {
    EXPECT_EQ(proxy_of(endpoint("db.example.com", 443, true), {https, http}),
              "http://10.0.0.5:3128 (HTTPS_PROXY in the environment)");
    EXPECT_EQ(proxy_of(endpoint("db.example.com", 80, false), {https, http}),
              "http://10.0.0.6:3128 (http_proxy in /etc/environment)");
    EXPECT_EQ(proxy_of(endpoint("db.example.com", 443, true), {http}), "");
    EXPECT_EQ(proxy_of(endpoint("db.example.com", 443, true),
                       {{"ALL_PROXY", "socks5://10.0.0.7:1080", "environment"}}),
              "socks5://10.0.0.7:1080 (ALL_PROXY in the environment)");
}

TEST(ProxyFor, IsForWhatIsSpokenOverHttp) {
    EXPECT_NE(proxy_of(endpoint("h.example", 9000, true, config::App::http), {https}), "");
    EXPECT_NE(proxy_of(endpoint("h.example", 8443, true, config::App::clickhouse), {https}), "");
    EXPECT_EQ(proxy_of(endpoint("h.example", 9440, true, config::App::clickhouse), {https}), "");
    EXPECT_EQ(proxy_of(endpoint("h.example", 6379, true, config::App::redis), {https}), "");
    EXPECT_EQ(proxy_of(endpoint("h.example", 9440, true), {https}), "");
    EXPECT_EQ(proxy_of(endpoint("127.0.0.1", 443, true), {https}), "");
    EXPECT_EQ(proxy_of(endpoint("localhost", 443, true), {https}), "");
}

TEST(ProxyFor, IsNotForWhatIsExcepted) {
    EXPECT_EQ(proxy_of(endpoint("db.example.com", 443, true),
                       {https, {"no_proxy", "example.com", "/etc/environment"}}),
              "");
    EXPECT_NE(
        proxy_of(endpoint("db.example.com", 443, true), {https, {"NO_PROXY", "10.0.0.0/8", "environment"}}),
        "");
}

TEST(ProxyFor, WhatIsSetLaterWins) {
    const std::vector<ProxySetting> settings{{"HTTPS_PROXY", "http://old:1", "/etc/environment"},
                                             {"https_proxy", "", "environment"}};
    EXPECT_EQ(proxy_of(endpoint("db.example.com", 443, true), settings), "");
}

TEST(ProxyFor, ServicesHaveAnEnvironmentOfTheirOwn) {
    const ProxySetting of_systemd{"HTTPS_PROXY", "http://10.0.0.9:3128",
                                  "/etc/systemd/system.conf.d/proxy.conf"};
    const ProxySetting excepted{"NO_PROXY", "example.com", "/etc/environment"};
    EXPECT_EQ(proxy_of(endpoint("db.example.com", 443, true), {excepted, of_systemd}),
              "http://10.0.0.9:3128 (HTTPS_PROXY in /etc/systemd/system.conf.d/proxy.conf)");
    EXPECT_EQ(proxy_of(endpoint("db.example.com", 443, true),
                       {https, excepted, of_systemd, {"NO_PROXY", "*", "/etc/systemd/system.conf"}}),
              "");
}

}  // namespace
}  // namespace whylink::checks
