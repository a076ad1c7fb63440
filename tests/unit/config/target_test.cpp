#include "config/target.hpp"

#include <gtest/gtest.h>

namespace whylink::config {
namespace {

Endpoint endpoint(const EndpointOptions& options) {
    auto result = endpoint_for(options);
    if (const auto* errors = std::get_if<TargetErrors>(&result)) {
        for (const std::string& error : *errors) {
            ADD_FAILURE() << error;
        }
        return {};
    }
    return std::get<Endpoint>(std::move(result));
}

TargetErrors errors(const EndpointOptions& options) {
    const auto result = endpoint_for(options);
    const auto* found = std::get_if<TargetErrors>(&result);
    return found != nullptr ? *found : TargetErrors{};
}

TEST(Target, APasswordInItIsNotRepeated) {
    for (const char* target : {"redis://user:hunter2@db.example.com:6379", "user:hunter2@db.example.com:6379",
                               "redis://:hunter2@db.example.com", "user:hunter2@db.example.com"}) {
        const TargetErrors found = errors({.target = target});
        ASSERT_FALSE(found.empty()) << target;
        for (const std::string& error : found) {
            EXPECT_EQ(error.find("hunter2"), std::string::npos) << error;
        }
    }
}

TEST(Target, WithoutOptionsTlsIsTriedAndPrivateIsNotJudged) {
    const Endpoint result = endpoint({.target = "db.example.com:9440"});
    EXPECT_EQ(result.name, "db.example.com:9440");
    EXPECT_EQ(result.host, "db.example.com");
    EXPECT_EQ(result.port, 9440);
    EXPECT_EQ(result.tls.mode, TlsMode::attempt);
    EXPECT_EQ(result.tls.server_name, "db.example.com");
    EXPECT_FALSE(result.private_space);
    EXPECT_EQ(result.app, App::none);
    EXPECT_EQ(result.resolvers, std::vector<Resolver>{Resolver{}});
}

TEST(Target, AProfileFillsInAndMakesPrivateJudged) {
    const Endpoint result = endpoint({.target = "db.example.com", .profile = "clickhouse-gcp"});
    EXPECT_EQ(result.port, 9440);
    EXPECT_EQ(result.app, App::none);
    EXPECT_EQ(result.tls.mode, TlsMode::required);
    EXPECT_TRUE(result.private_space);
    EXPECT_EQ(endpoint({.target = "db.example.com:8443", .profile = "clickhouse-gcp"}).port, 8443);
    // This one does not ask for TLS, so it is tried.
    EXPECT_EQ(endpoint({.target = "h:80", .profile = "adobe-commerce-aws"}).tls.mode, TlsMode::attempt);
}

TEST(Target, ExpectMakesPrivateJudged) {
    const Endpoint result = endpoint({.target = "h:1", .expect = {"10.0.0.4", "10.1.0.0/16"}});
    EXPECT_TRUE(result.private_space);
    EXPECT_EQ(result.expect.size(), 2U);
}

TEST(Target, WhatIsLeftOpenIsForTheNames) {
    const Endpoint open = endpoint({.target = "db.example.com:9440"});
    EXPECT_TRUE(open.by_name.profile);
    EXPECT_TRUE(open.by_name.private_space);
    EXPECT_TRUE(open.by_name.tls);
    EXPECT_TRUE(open.by_name.app);
    const Endpoint none = endpoint({.target = "db.example.com:9440", .profile = "none"});
    EXPECT_FALSE(none.by_name.profile);
    EXPECT_TRUE(none.by_name.private_space);
    EXPECT_FALSE(none.by_name.tls);
    const Endpoint given =
        endpoint({.target = "db.example.com:9440", .expect = {"10.0.0.4"}, .tls = true, .app = "http"});
    EXPECT_FALSE(given.by_name.private_space);
    EXPECT_FALSE(given.by_name.tls);
    EXPECT_FALSE(given.by_name.app);
    EXPECT_EQ(endpoint({.target = "10.0.0.4:9440"}).by_name, ByName{});
}

TEST(Target, TheNamesOfTheChainPickTheProfileAndItsPort) {
    const Endpoint found = endpoint(
        {.target = "ch.example.com", .chain = {"x.example.net", "abcd.us-east-1.vpce.aws.clickhouse.cloud"}});
    EXPECT_EQ(found.profile, "clickhouse-aws");
    EXPECT_EQ(found.port, 9440);
    EXPECT_EQ(found.tls.mode, TlsMode::required);
    EXPECT_TRUE(found.private_space);
}

TEST(Target, TlsIsWhatIsAskedFor) {
    EXPECT_EQ(endpoint({.target = "h:1", .tls = true}).tls.mode, TlsMode::required);
    EXPECT_EQ(endpoint({.target = "h:1", .tls = false}).tls.mode, TlsMode::off);
    EXPECT_EQ(endpoint({.target = "h:1", .profile = "aws", .tls = false}).tls.mode, TlsMode::off);
    EXPECT_EQ(endpoint({.target = "h:1", .server_name = "sni.example.com"}).tls.server_name,
              "sni.example.com");
}

TEST(Target, OtherOptionsAreReadAsInAConfig) {
    const Endpoint result = endpoint({.target = "[fd00::4]:6379",
                                      .resolvers = {"10.0.0.2:5353"},
                                      .app = "redis",
                                      .proxy_protocol = "v1",
                                      .timeout = "300ms"});
    EXPECT_EQ(result.host, "fd00::4");
    EXPECT_EQ(result.address, IpAddress::parse("fd00::4"));
    EXPECT_EQ(result.resolvers.at(0).port, 5353);
    EXPECT_EQ(result.app, App::redis);
    EXPECT_EQ(result.proxy_protocol, ProxyProtocol::v1);
    EXPECT_EQ(result.timeout, std::chrono::milliseconds(300));
}

TEST(Target, SaysEverythingThatIsWrong) {
    EXPECT_EQ(
        errors({.target = "db.example.com:0"}),
        TargetErrors{"\"db.example.com:0\" is not a target; use HOST:PORT, such as db.example.com:9440 or "
                     "[fd00::4]:9440"});
    EXPECT_EQ(errors({.target = "db.example.com"}),
              TargetErrors{"PORT: missing, and no profile sets it; add a port from 1 to 65535, such as 443"});
    EXPECT_EQ(errors({.target = "h:1", .expect = {"10.0.0.4/24"}, .timeout = "5"}),
              (TargetErrors{
                  "--expect: \"10.0.0.4/24\" is not valid: it has host bits set; use an IP address or a CIDR "
                  "block without host bits, such as \"10.0.0.0/24\"",
                  "--timeout: \"5\" is not valid; use a duration from 10ms to 5m (units ms, s, m, h, d), "
                  "such as \"5s\""}));
    EXPECT_EQ(
        errors({.target = "10.0.0.400:1"}),
        TargetErrors{
            "HOST: \"10.0.0.400\" is not valid: a name cannot end in a number; use a host name or an IP "
            "address, such as \"db.example.com\""});
    EXPECT_EQ(errors({.target = "h:1", .ca_file = "/nowhere/ca.pem"}),
              TargetErrors{
                  "--ca-file: cannot read \"/nowhere/ca.pem\": No such file or directory; use the path of a "
                  "readable file, such as \"/etc/whylink/ca.pem\""});
    EXPECT_EQ(errors({.target = "h:1", .resolvers = {"10.0.0.2", "10.0.0.2"}}),
              TargetErrors{"--resolver: \"10.0.0.2\" is listed twice; remove one"});
    EXPECT_EQ(errors({.target = "h:1", .profile = "clickhouse"}).size(), 1U);
    EXPECT_EQ(errors({.target = "h:1", .resolvers = {"dns.example.com"}}).size(), 1U);
    EXPECT_EQ(errors({.target = "h:1", .app = "expect"}).size(), 1U);
}

TEST(Target, AZone) {
    const auto result = zone_for({.zone = "privatelink.example.com",
                                  .expect = {"10.0.0.4"},
                                  .known_labels = {"abcd"},
                                  .random_labels = 5,
                                  .timeout = "1s"});
    ASSERT_TRUE(std::holds_alternative<Zone>(result));
    const Zone& zone = std::get<Zone>(result);
    EXPECT_EQ(zone.name, "privatelink.example.com");
    EXPECT_EQ(zone.zone, "privatelink.example.com");
    EXPECT_EQ(zone.expect.size(), 1U);
    EXPECT_EQ(zone.known_labels, std::vector<std::string>{"abcd"});
    EXPECT_EQ(zone.random_labels, 5U);
    EXPECT_EQ(zone.timeout, std::chrono::milliseconds(1'000));
    EXPECT_TRUE(zone.private_space);
    for (const ZoneOptions& options : {ZoneOptions{.zone = ""}, ZoneOptions{.zone = "*.example.com"},
                                       ZoneOptions{.zone = "example.com", .random_labels = 33}}) {
        EXPECT_TRUE(std::holds_alternative<TargetErrors>(zone_for(options)));
    }
}

}  // namespace
}  // namespace whylink::config
