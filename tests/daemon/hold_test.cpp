// Connections that are held idle, through a router that forgets them as load balancers do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon.hpp"
#include "lab.hpp"
#include "state.hpp"

namespace whylink::daemon_test {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// A flow without a packet for a second is forgotten; `then` is done to what comes of it later.
std::string forgets(const std::string& then) {
    return R"(
table ip idle {
  set flows { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 1s; size 65535; }
  chain forward {
    type filter hook forward priority 0;
    tcp dport 5432 tcp flags & (syn | ack) == syn update @flows { ip saddr . tcp sport } accept
    tcp dport 5432 ip saddr . tcp sport @flows update @flows { ip saddr . tcp sport } accept
    tcp dport 5432 )" +
           then + R"(
  }
}
)";
}

struct Scene {
    explicit Scene(const std::string& rules = {}) {
        if (!rules.empty()) {
            net.router.nft(rules);
        }
    }

    /// `diagnose --hold`, which must find the endpoint healthy all the same.
    TargetReport diagnose() const {
        const lab::Completed done = run_whylink(net, {"diagnose", "10.0.0.1:5432", "--no-tls", "--hold", "2s",
                                                      "--timeout", "1s", "--format", "json"});
        EXPECT_EQ(done.status, 0) << done.err;
        return parse_report(done.out).at("10.0.0.1:5432");
    }

    const lab::Topology net;
    Server server{net, "10.0.0.1", 5432, lab::silent()};
};

TEST(Hold, IsAnsweredWhereThePathRemembers) {
    const Scene scene;
    const TargetReport report = scene.diagnose();
    EXPECT_EQ(report.cause, "healthy");
    EXPECT_EQ(report.confidence, "high");
    EXPECT_THAT(report.evidence, Contains(HasSubstr("idle, then a reply")));
}

TEST(Hold, IsOfNothingWhereNothingWorks) {
    const lab::Topology net;
    const lab::Completed done = run_whylink(net, {"diagnose", "10.0.0.1:5432", "--no-tls", "--hold", "1h"});
    EXPECT_EQ(done.status, 1);
    EXPECT_THAT(done.err, HasSubstr("none was held"));
}

TEST(Hold, IsResetByAPathThatForgot) {
    const Scene scene(forgets("reject with tcp reset"));
    const TargetReport report = scene.diagnose();
    EXPECT_EQ(report.cause, "reset_mid_connection");
    EXPECT_TRUE(report.healthy);
    EXPECT_EQ(report.severity, "warning");
    EXPECT_EQ(report.confidence, "high");
    EXPECT_THAT(report.evidence, Contains(HasSubstr("RST on use")));
}

TEST(Hold, IsUnansweredOnAPathThatForgotInSilence) {
    const Scene scene(forgets("drop"));
    const TargetReport report = scene.diagnose();
    EXPECT_EQ(report.cause, "reset_mid_connection");
    EXPECT_TRUE(report.healthy);
    EXPECT_EQ(report.severity, "warning");
    EXPECT_EQ(report.confidence, "medium");
    EXPECT_THAT(report.evidence, Contains(HasSubstr("no reply on use")));
}

TEST(Hold, RunsBesideTheRoundsOfTheDaemon) {
    const Scene scene(forgets("reject with tcp reset"));
    const std::string held = plain("db", "10.0.0.1", 5432, "hold = \"2s\"\nhold_interval = \"4s\"\n");
    const Daemon daemon(scene.net, head() + held);
    EXPECT_EQ(daemon.await_ready().value("whylink_healthy", {{"name", "db"}}), 1);
    daemon.await("the result", [](const Metrics& now) {
        return now.value("whylink_diagnosis",
                         {{"name", "db"}, {"cause", "reset_mid_connection"}, {"severity", "warning"}}) == 1;
    });
    EXPECT_EQ(daemon.metrics().value("whylink_healthy", {{"name", "db"}}), 1);
    EXPECT_THAT(daemon.report().at("db").evidence, Contains(HasSubstr("RST on use")));
    EXPECT_GE(daemon.metrics().value("whylink_experiments_total",
                                     {{"experiment", "hold"}, {"outcome", "reset_by_peer"}}),
              1);

    // Without `hold` nothing is held, and what was found is of no more interest.
    daemon.write_config(head() + plain("db", "10.0.0.1", 5432));
    ASSERT_EQ(daemon.reload()->status, 200);
    daemon.await("healthy again", [](const Metrics& now) {
        return now.value("whylink_diagnosis", {{"name", "db"}, {"cause", "healthy"}}) == 1;
    });
}

TEST(Hold, EndsWithTheDaemonAndWithItsTarget) {
    const Scene scene;
    const std::string held = plain("db", "10.0.0.1", 5432, "hold = \"1h\"\nhold_interval = \"2h\"\n");
    const std::string soon = plain("soon", "10.0.0.1", 5432, "hold = \"2s\"\nhold_interval = \"4s\"\n");
    Daemon daemon(scene.net, head() + held + soon);
    daemon.await_ready();
    daemon.write_config(head() + plain("other", "10.0.0.1", 5432, "hold = \"2s\"\nhold_interval = \"4s\"\n"));
    ASSERT_EQ(daemon.reload()->status, 200);
    daemon.await("the result of the new one", [&](const Metrics&) {
        const auto report = daemon.report();
        const auto other = report.find("other");
        return other != report.end() &&
               testing::Matches(Contains(HasSubstr("idle, then a reply")))(other->second.evidence);
    });
    daemon.stop();
}

}  // namespace
}  // namespace whylink::daemon_test
