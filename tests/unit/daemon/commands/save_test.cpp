#include "daemon/commands/save.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "config/load.hpp"
#include "config/target.hpp"

namespace whylink::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

config::Endpoint diagnosed(const config::EndpointOptions& options) {
    return std::get<config::Endpoint>(config::endpoint_for(options));
}

checks::JudgedProbe tcp(const char* address) {
    probes::TcpFacts facts;
    facts.connected = true;
    checks::JudgedProbe probe;
    probe.observation.stage = probes::Stage::tcp;
    probe.observation.address = IpAddress::parse(address);
    probe.observation.facts = facts;
    return probe;
}

std::string saved(config::Endpoint endpoint, checks::Verdict verdict = {}) {
    verdict.decision.cause = verdict.healthy ? Cause::healthy : Cause::connection_refused;
    return saved_entry(
        {config::make_target(std::move(endpoint)), std::make_shared<const checks::Verdict>(verdict)},
        "orders");
}

config::Endpoint loaded(const std::string& entry) {
    const config::LoadResult result = config::load_text(entry, "/w.toml");
    for (const config::Error& error : result.errors) {
        ADD_FAILURE() << error.to_string() << "\n" << entry;
    }
    return result.ok() ? *result.config.targets.front()->endpoint() : config::Endpoint();
}

TEST(SavedEntry, IsAsShortAsItCanBe) {
    EXPECT_EQ(
        saved(diagnosed({.target = "orders.example.com:8443", .tls = true})),
        "# whylink diagnose orders.example.com:8443: healthy\n"
        "[[endpoint]]\nname = \"orders\"\nhost = \"orders.example.com\"\nport = 8443\nprivate = false\n");
    EXPECT_EQ(saved(diagnosed({.target = "abcd.westus3.privatelink.azure.clickhouse.cloud"})),
              "# whylink diagnose abcd.westus3.privatelink.azure.clickhouse.cloud: healthy\n"
              "[[endpoint]]\nname = \"orders\"\nprofile = \"clickhouse-azure\"\n"
              "host = \"abcd.westus3.privatelink.azure.clickhouse.cloud\"\n");
}

TEST(SavedEntry, LoadsToWhatWasDiagnosed) {
    for (const config::EndpointOptions& options :
         {config::EndpointOptions{
              .target = "orders.example.com:8443", .expect = {"10.0.0.4"}, .tls = true, .timeout = "2s"},
          config::EndpointOptions{
              .target = "[fd00::4]:6379", .resolvers = {"10.0.0.2"}, .tls = false, .app = "redis"},
          config::EndpointOptions{
              .target = "h.example.com:443", .profile = "aws", .server_name = "other.example.com"},
          config::EndpointOptions{.target = "h.example.com:80", .profile = "adobe-commerce-aws", .tls = true},
          config::EndpointOptions{.target = "H.example.com.:443", .profile = "none", .tls = true},
          config::EndpointOptions{.target = "h.example.com",
          .profile = "clickhouse-gcp",
          .tls = false,
          .proxy_protocol = "v2",
          .hold = "5m"}}) {
        config::Endpoint expected = diagnosed(options);
        config::Endpoint found = loaded(saved(expected));
        expected.name = "orders";
        expected.by_name = found.by_name = {};
        EXPECT_EQ(found, expected) << options.target << "\n" << saved(diagnosed(options));
    }
}

TEST(SavedEntry, SettlesWhatWasOnlyTried) {
    EXPECT_EQ(loaded(saved(diagnosed({.target = "h.example.com:9000"}))).tls.mode, config::TlsMode::required);
    checks::Verdict plain;
    plain.facts.insert(checks::Fact::plain_text_service);
    checks::JudgedProbe app;
    probes::AppFacts facts;
    facts.protocol = "redis";
    app.observation.facts = facts;
    plain.probes.push_back(app);
    const config::Endpoint found = loaded(saved(diagnosed({.target = "h.example.com:9000"}), plain));
    EXPECT_EQ(found.tls.mode, config::TlsMode::off);
    EXPECT_EQ(found.app, config::App::redis);
}

TEST(SavedEntry, ProposesTodaysPrivateAddresses) {
    checks::Verdict verdict;
    verdict.probes = {tcp("10.0.0.4"), tcp("10.0.0.4"), tcp("10.0.1.4")};
    const config::Endpoint endpoint = diagnosed({.target = "h.example.com:443"});
    EXPECT_THAT(saved(endpoint, verdict), HasSubstr("\n# expect = [\"10.0.0.4\", \"10.0.1.4\"]  #"));
    EXPECT_EQ(loaded(saved(endpoint, verdict)).expect.size(), 0U);
    verdict.probes.push_back(tcp("52.1.2.3"));
    EXPECT_THAT(saved(endpoint, verdict), Not(HasSubstr("expect")));
    EXPECT_THAT(saved(diagnosed({.target = "10.0.0.4:443"}), verdict), Not(HasSubstr("expect")));
}

}  // namespace
}  // namespace whylink::daemon
