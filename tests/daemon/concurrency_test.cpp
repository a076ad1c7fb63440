// How many rounds there are at once, as the servers see it.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "daemon.hpp"
#include "lab.hpp"
#include "support/connection_counter.hpp"

namespace whylink::daemon_test {
namespace {

std::string config_of(int targets, const std::string& timeout) {
    std::string config = head({}, "timeout = \"" + timeout + "\"\n");
    for (int i = 1; i <= targets; ++i) {
        config += secure("t" + std::to_string(i), "10.0.0." + std::to_string(i), 9440);
    }
    return config;
}

TEST(Concurrency, IsNeverTwoRoundsOfOneTarget) {
    const lab::Topology net;
    lab::ServerLoop loop;
    std::vector<std::unique_ptr<lab::ConnectionCounter>> servers;
    constexpr int targets = 3;
    for (int i = 1; i <= targets; ++i) {
        servers.push_back(std::make_unique<lab::ConnectionCounter>(
            loop, lab::Place{&net.server, lab::address_of("10.0.0." + std::to_string(i)), 9440}));
    }
    // Longer than the interval of a second.
    const Daemon daemon(net, config_of(targets, "1300ms"));
    const auto await_rounds = [&](std::size_t rounds) {
        return poll_until([&] {
            return std::ranges::all_of(servers,
                                       [rounds](const auto& server) { return server->total() >= rounds; });
        });
    };
    EXPECT_TRUE(await_rounds(2));
    // Targets that change, go and come back while their round is under way.
    for (const std::string& config : {config_of(targets, "1200ms"), head(), config_of(targets, "1300ms")}) {
        daemon.write_config(config);
        ASSERT_EQ(daemon.reload()->status, 200);
    }
    EXPECT_TRUE(await_rounds(4));
    for (const auto& server : servers) {
        EXPECT_EQ(server->max_at_once(), 1U);
    }
    daemon.await("an overrun",
                 [](const Metrics& metrics) { return metrics.sum("whylink_scheduler_overruns_total") > 0; });
}

TEST(Concurrency, IsBounded) {
    const lab::Topology net;
    lab::ServerLoop loop;
    const lab::ConnectionCounter server(loop, {&net.server, lab::address_of("10.0.0.1"), 9440});
    std::string config = head("max_concurrent = 3\n", "timeout = \"100ms\"\n");
    for (int i = 0; i < 50; ++i) {
        config += secure("t" + std::to_string(i), "10.0.0.1", 9440);
    }
    const Daemon daemon(net, config);
    daemon.await_ready();
    EXPECT_GE(server.total(), 50U) << "everybody had a turn";
    EXPECT_EQ(server.max_at_once(), 3U);
}

}  // namespace
}  // namespace whylink::daemon_test
