// Whole rounds on loopback.
#include "daemon/commands/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>

#include "tests/unit/daemon/fabricated.hpp"
#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon {
namespace {

using checks::Outcome;
using probes::Stage;

/// A listening socket that nobody accepts from: the kernel completes the handshake.
class Listener {
  public:
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  private:
    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
};

/// Free a moment ago, and not in the range that connections are given ports from by chance only.
std::uint16_t closed_port() {
    return Listener().port();
}

config::Endpoint plain_endpoint(std::string name, std::uint16_t port) {
    config::Endpoint endpoint;
    endpoint.name = std::move(name);
    endpoint.host = "127.0.0.1";
    endpoint.address = fabricated::address("127.0.0.1");
    endpoint.port = port;
    endpoint.tls.mode = config::TlsMode::off;
    endpoint.settle = config::Duration(0);
    return endpoint;
}

std::vector<Outcome> outcomes(const checks::Verdict& verdict, Stage stage) {
    std::vector<Outcome> result;
    for (const checks::JudgedProbe& probe : verdict.probes) {
        if (probe.observation.stage == stage) {
            result.push_back(probe.outcome);
        }
    }
    return result;
}

TEST(RunCheck, OfNothingIsHealthy) {
    const Report report = run_check({}, {}).report;
    EXPECT_TRUE(tally(report).unhealthy() == 0);
    EXPECT_FALSE(report.vantage_point.empty());
}

TEST(RunCheck, SaysWhereItRanAndWhyNothingWasCaptured) {
    const Listener listener;
    CheckOptions options;
    options.host = {config::Cloud::gcp, "6.1.0", true};
    options.capture.mode = config::CaptureMode::off;
    const Report report =
        run_check({config::make_target(plain_endpoint("a", listener.port()))}, options).report;
    EXPECT_EQ(report.host.cloud, config::Cloud::gcp);
    EXPECT_EQ(report.host.kernel, "6.1.0");
    EXPECT_TRUE(report.host.container);
    EXPECT_FALSE(report.host.capture);
    ASSERT_TRUE(report.host.not_captured);
    EXPECT_EQ(report.host.not_captured->text, "capture.enabled is false");
    EXPECT_EQ(report.entries.at(0).verdict->cloud, config::Cloud::gcp);
}

TEST(RunCheck, AnAddressHasNoDnsStage) {
    const Listener listener;
    const Report report = run_check({config::make_target(plain_endpoint("a", listener.port()))}, {}).report;
    EXPECT_TRUE(tally(report).unhealthy() == 0);
    EXPECT_THAT(outcomes(*report.entries[0].verdict, Stage::dns), testing::IsEmpty());
    EXPECT_THAT(outcomes(*report.entries[0].verdict, Stage::tcp), testing::ElementsAre(Outcome::ok));
}

TEST(RunCheck, KeepsTheOrderWhateverEndsFirst) {
    const Listener listener;
    std::vector<config::TargetPtr> targets;
    targets.reserve(20);
    for (int i = 0; i < 20; ++i) {
        targets.push_back(config::make_target(
            plain_endpoint("e" + std::to_string(i), i % 2 == 0 ? listener.port() : closed_port())));
    }
    CheckOptions options;
    options.max_concurrent = 3;
    const Report report = run_check(targets, options).report;
    ASSERT_EQ(report.entries.size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) {
        EXPECT_EQ(report.entries[i].target->name(), "e" + std::to_string(i));
        EXPECT_EQ(report.entries[i].verdict->healthy, i % 2 == 0) << i;
    }
}

TEST(RunCheck, TakesAddressesFromTheHostsFile) {
    const Listener listener;
    const fabricated::TemporaryFile resolv_conf("nameserver 127.0.0.1\n");
    const fabricated::TemporaryFile hosts("127.0.0.1 here.example\n");
    config::Endpoint endpoint = plain_endpoint("a", listener.port());
    endpoint.host = "here.example";
    endpoint.address.reset();
    endpoint.private_space = false;
    endpoint.timeout = config::Duration(200);
    endpoint.expect = {Cidr(fabricated::address("127.0.0.1"), 32)};
    CheckOptions options;
    options.files = {resolv_conf.path(), hosts.path()};
    const Report report = run_check({config::make_target(endpoint)}, options).report;
    const checks::Verdict& verdict = *report.entries[0].verdict;
    EXPECT_THAT(outcomes(verdict, Stage::tcp), testing::ElementsAre(Outcome::ok));
    const auto& facts = get<probes::DnsFacts>(verdict.probes.at(0).observation.facts);
    EXPECT_EQ(facts.source, probes::NameSource::hosts_file);
    EXPECT_TRUE(verdict.healthy) << slug(verdict.decision.cause);
}

TEST(RunCheck, ATrustStoreThatCannotBeReadIsOurs) {
    const Listener listener;
    config::Endpoint endpoint = plain_endpoint("a", listener.port());
    endpoint.tls.mode = config::TlsMode::required;
    endpoint.tls.ca_file = "/nonexistent/ca.pem";
    const Report report = run_check({config::make_target(endpoint)}, {}).report;
    const checks::Verdict& verdict = *report.entries[0].verdict;
    EXPECT_THAT(outcomes(verdict, Stage::tcp), testing::ElementsAre(Outcome::ok));
    EXPECT_THAT(outcomes(verdict, Stage::tls), testing::ElementsAre(Outcome::local_error));
    EXPECT_EQ(verdict.decision.cause, Cause::local_limit);
}

TEST(RunCheck, ProtocolsThatNegotiateTlsThemselvesGetNoClientHello) {
    const Listener listener;
    config::Endpoint endpoint = plain_endpoint("a", listener.port());
    endpoint.tls.mode = config::TlsMode::required;
    endpoint.app = config::App::mysql;
    const Report report = run_check({config::make_target(endpoint)}, {}).report;
    EXPECT_THAT(outcomes(*report.entries[0].verdict, Stage::tls), testing::IsEmpty());
}

TEST(RunCheck, AZoneIsAskedForKnownRandomAndControlNames) {
    const fabricated::TemporaryFile resolv_conf("nameserver 127.0.0.1\n");
    config::Zone zone;
    zone.name = "z";
    zone.zone = "z.example";
    zone.known_labels = {"abcd"};
    zone.random_labels = 2;
    zone.family = config::Family::ipv4;
    zone.timeout = config::Duration(100);
    // No resolver listens on this port.
    zone.resolvers = {{false, fabricated::address("127.0.0.1"), closed_port()}};
    const Report report = run_check({config::make_target(zone)}, {}).report;
    std::vector<probes::NameRole> roles;
    for (const checks::JudgedProbe& probe : report.entries.at(0).verdict->probes) {
        const auto& facts = get<probes::DnsFacts>(probe.observation.facts);
        roles.push_back(facts.role);
        EXPECT_EQ(facts.queries.size(), 1U);
    }
    using probes::NameRole;
    EXPECT_THAT(roles, testing::UnorderedElementsAre(NameRole::known_label, NameRole::random_label,
                                                     NameRole::random_label, NameRole::random_two_labels,
                                                     NameRole::control));
    EXPECT_EQ(report.entries[0].verdict->decision.cause, Cause::resolver_unreachable);
}

TEST(RunCheck, ReportsItsProgress) {
    // Nothing answers on a socket that is bound and never listened to by a name server.
    asio::io_context context;
    asio::ip::udp::socket silent(context, {asio::ip::address_v4::loopback(), 0});
    config::Endpoint endpoint = plain_endpoint("a", 1);
    endpoint.host = "silent.example";
    endpoint.address.reset();
    endpoint.timeout = config::Duration(700);
    endpoint.resolvers = {{false, fabricated::address("127.0.0.1"), silent.local_endpoint().port()}};
    std::size_t calls = 0;
    std::size_t total = 0;
    std::optional<WaitingFor> waiting;
    CheckOptions options;
    options.on_progress = [&](const Progress& progress) {
        ++calls;
        total = progress.total;
        waiting = waiting ? waiting : progress.waiting;
    };
    const Report report = run_check({config::make_target(endpoint)}, options).report;
    EXPECT_EQ(report.entries[0].verdict->decision.cause, Cause::resolver_unreachable);
    EXPECT_GE(calls, 1U);
    EXPECT_EQ(total, 1U);
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->where, "DNS silent.example");
    EXPECT_EQ(waiting->lacks, "answers missing");
    EXPECT_EQ(waiting->limit, endpoint.timeout);
}

}  // namespace
}  // namespace whylink::daemon
