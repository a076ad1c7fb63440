// Faults that several targets share: a resolver that dies, and this host's own link.
#include <gtest/gtest.h>

#include "daemon.hpp"
#include "lab.hpp"
#include "state.hpp"

namespace whylink::daemon_test {
namespace {

constexpr const char* names = "db.corp.test A 10.0.0.1\n";

struct Scene {
    const lab::Topology net;
    NameServer dns{net, "10.0.0.53", names};
    NameServer other_dns{net, "10.0.0.54", names};
    Server server{net, "10.0.0.1", 5432, lab::silent()};
};

void expect_unaffected(const Daemon& daemon, const std::string& name) {
    const Metrics metrics = daemon.metrics();
    EXPECT_EQ(metrics.value("whylink_healthy", {{"name", name}}), 1);
    for (const Series& series : metrics.all("whylink_probes_total", {{"name", name}})) {
        EXPECT_EQ(series.labels.at("outcome"), "ok");
    }
    for (const LogRecord& record : daemon.log("change")) {
        EXPECT_NE(record.text("name"), name) << record.message;
    }
}

TEST(Network, AResolverDiesInSilence) {
    Scene scene;
    const Daemon daemon(scene.net, head() + plain("one", host, 5432) +
                                       plain("other", host, 5432, "resolvers = [\"10.0.0.54\"]\n"));
    daemon.await_ready();
    scene.dns.start("ALL FAULT silent\n");
    expect_state(daemon, "one", {"resolver_unreachable", false, {"dns", "10.0.0.53:53", "timeout"}});
    expect_unaffected(daemon, "other");
    scene.dns.start(names);
    daemon.await("its recovery", [](const Metrics& metrics) { return metrics.sum("whylink_healthy") == 2; });
    expect_unaffected(daemon, "other");
}

TEST(Network, AResolverIsKilled) {
    Scene scene;
    const Daemon daemon(scene.net, head() + plain("one", host, 5432) +
                                       plain("other", host, 5432, "resolvers = [\"10.0.0.54\"]\n"));
    daemon.await_ready();
    scene.dns.stop();
    expect_state(daemon, "one", {"resolver_unreachable", false, {"dns", "10.0.0.53:53", "refused"}});
    expect_unaffected(daemon, "other");
    scene.dns.start(names);
    daemon.await("its recovery", [](const Metrics& metrics) { return metrics.sum("whylink_healthy") == 2; });
}

TEST(Network, TheLinkOfThisHostGoesDown) {
    Scene scene;
    const Server second(scene.net, "10.0.0.2", 5432, lab::silent());
    const Daemon daemon(scene.net, head() + plain("one", host, 5432) +
                                       plain("other", host, 5432, "resolvers = [\"10.0.0.54\"]\n") +
                                       plain("by-address", "10.0.0.2", 5432));
    daemon.await_ready();
    scene.net.client.ip("link set eth0 down\n");
    for (const std::string name : {"one", "other", "by-address"}) {
        daemon.await(name + " down", [&](const Metrics& metrics) {
            return metrics.value("whylink_healthy", {{"name", name}}) == 0 &&
                   metrics.value("whylink_diagnosis", {{"name", name}, {"cause", "local_network_down"}}) == 1;
        });
    }
    // The kernel took the routes away with the link.
    scene.net.client.ip("link set eth0 up\nroute add 10.0.0.0/16 via 10.77.0.1\n");
    daemon.await("recovery", [](const Metrics& metrics) {
        return metrics.sum("whylink_healthy") == 3 &&
               metrics.all("whylink_diagnosis", {{"cause", "local_network_down"}}).empty();
    });
}

}  // namespace
}  // namespace whylink::daemon_test
