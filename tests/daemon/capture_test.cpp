// Capture while the daemon runs: on, off, not permitted, and an interface that comes and goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon.hpp"
#include "lab.hpp"
#include "state.hpp"

namespace whylink::daemon_test {
namespace {

std::string config(const std::string& capture = {}) {
    return head({}, {}, http_port, capture) + plain("good", "10.0.0.1", 5432) +
           plain("refused", "10.0.0.2", 81);
}

struct Scene {
    const lab::Topology net;
    Server good{net, "10.0.0.1", 5432, lab::silent()};
};

std::function<bool(const Metrics&)> up_is(double value) {
    return [value](const Metrics& metrics) { return metrics.value("whylink_capture_up") == value; };
}

double counted(const Metrics& metrics) {
    return metrics.value("whylink_capture_packets_total").value_or(0);
}

TEST(Capture, CountsThePacketsOfItsRounds) {
    Scene scene;
    const Daemon daemon(scene.net, config());
    const Metrics first = daemon.await_ready();
    const auto up = first.one("whylink_capture_up");
    ASSERT_TRUE(up.has_value());
    EXPECT_EQ(up->value, 1);
    EXPECT_EQ(up->labels.at("interface"), "any");
    EXPECT_GT(counted(first), 0);
    daemon.await("more packets", [&](const Metrics& now) { return counted(now) > counted(first); });
    EXPECT_EQ(daemon.metrics().value("whylink_capture_dropped_packets_total"), 0);
}

TEST(Capture, IsSwitchedOffAndOnByAReload) {
    Scene scene;
    const Daemon daemon(scene.net, config());
    daemon.await_ready();
    daemon.write_config(config("enabled = false\n"));
    ASSERT_EQ(daemon.reload()->status, 200);
    daemon.await("off", [](const Metrics& now) { return now.all("whylink_capture_up").empty(); });
    expect_state(daemon, "refused", {"connection_refused", false, {"tcp", "10.0.0.2", "refused"}});

    daemon.write_config(config("enabled = true\n"));
    ASSERT_EQ(daemon.reload()->status, 200);
    daemon.await("on again, with packets",
                 [](const Metrics& now) { return now.value("whylink_capture_up") == 1 && counted(now) > 0; });
}

TEST(Capture, IsNotPermittedAndNothingElseSuffers) {
    Scene scene;
    const Daemon daemon(scene.net, config(), {.under = without_net_raw});
    EXPECT_EQ(daemon.await_ready().value("whylink_capture_up"), 0);
    EXPECT_EQ(daemon.metrics().value("whylink_healthy", {{"name", "good"}}), 1);
    expect_state(daemon, "refused", {"connection_refused", false, {"tcp", "10.0.0.2", "refused"}});
    const auto records = daemon.log("capture");
    ASSERT_EQ(records.size(), 1U) << "one clear line";
    EXPECT_THAT(records[0].message, testing::HasSubstr("CAP_NET_RAW"));
    EXPECT_THAT(daemon.report().at("refused").evidence, testing::Not(testing::IsEmpty()));
    EXPECT_FALSE(std::filesystem::exists(daemon.config_file().parent_path() / "evidence"))
        << "there is nothing to keep";
}

TEST(Capture, TakesItsOwnProbesForNoTraffic) {
    Scene scene;
    const Daemon daemon(scene.net,
                        config() +
                            "[[watch]]\nname = \"traffic\"\ndirection = \"outbound\"\nport = 5432\n"
                            "window = \"1s\"\nexpect_traffic = \"1s\"\n");
    daemon.await_ready();
    daemon.await("the silence of everybody else", [](const Metrics& now) {
        return now.value("whylink_diagnosis", {{"name", "traffic"}, {"cause", "no_inbound_traffic"}}) == 1;
    });
    EXPECT_EQ(daemon.metrics().value("whylink_healthy", {{"name", "good"}}), 1);
}

TEST(Capture, GoesOnWhenTheInterfaceIsBack) {
    Scene scene;
    const std::string device = "link add eth9 type veth peer name eth9p\nlink set eth9 up\n";
    scene.net.client.ip(device);
    const Daemon daemon(scene.net, config("interface = \"eth9\"\n"));
    daemon.await_ready();
    daemon.await("captured", up_is(1));
    scene.net.client.ip("link delete eth9\n");
    daemon.await("lost", up_is(0));
    EXPECT_EQ(daemon.metrics().value("whylink_healthy", {{"name", "good"}}), 1);
    scene.net.client.ip(device);
    daemon.await("captured again", up_is(1));
    std::vector<std::string> said;
    for (const LogRecord& record : daemon.log("capture")) {
        said.push_back(record.level + " " + record.message);
    }
    EXPECT_THAT(said, testing::ElementsAre(testing::HasSubstr("eth9 are not captured"),
                                           testing::HasSubstr("eth9 are captured again")));
}

}  // namespace
}  // namespace whylink::daemon_test
