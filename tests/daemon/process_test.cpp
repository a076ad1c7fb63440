// The daemon as a process: what the service manager is told, and the statuses of a start that fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon.hpp"
#include "lab.hpp"
#include "notify_socket.hpp"

namespace whylink::daemon_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Process, TellsTheServiceManager) {
    const lab::Topology net;
    const Server server(net, "10.0.0.1", 5432, lab::silent());
    const NotifySocket manager;
    Daemon daemon(net,
                  head() + plain("a", "10.0.0.1", 5432) + plain("b", "10.0.0.1", 5432) +
                      plain("c", "10.0.0.1", 5432) + plain("refused", "10.0.0.1", 81),
                  {.environment = {{"NOTIFY_SOCKET", manager.path()}, {"WATCHDOG_USEC", "400000"}}});
    ASSERT_TRUE(poll_until([&] { return !manager.positions("READY=1").empty(); })) << daemon.log_text();
    EXPECT_TRUE(Connection(net.client, http_port).connected()) << "ready, and does not listen";
    EXPECT_TRUE(poll_until([&] { return !manager.positions("STATUS=3 of 4 healthy").empty(); }));
    EXPECT_TRUE(poll_until([&] { return manager.positions("WATCHDOG=1").size() >= 3; }));

    daemon.signal(SIGHUP);
    EXPECT_TRUE(poll_until([&] { return manager.positions("READY=1").size() == 2; }));
    daemon.stop();
    EXPECT_TRUE(poll_until([&] { return !manager.positions("STOPPING=1").empty(); }));
    const auto ready = manager.positions("READY=1");
    const auto reloading = manager.positions("RELOADING=1");
    const auto stopping = manager.positions("STOPPING=1");
    ASSERT_EQ(ready.size(), 2U);
    ASSERT_EQ(reloading.size(), 1U);
    ASSERT_EQ(stopping.size(), 1U);
    EXPECT_LT(ready[0], reloading[0]);
    EXPECT_LT(reloading[0], ready[1]);
    EXPECT_LT(ready[1], stopping[0]);
    EXPECT_EQ(manager.positions("MONOTONIC_USEC="), reloading);
}

/// Runs a daemon that cannot start to its end, which must come without READY=1.
lab::Completed fails_to_start(const lab::Topology& net, const std::filesystem::path& config,
                              const std::vector<std::string>& under = {}) {
    const NotifySocket manager;
    lab::Completed done =
        run_whylink(net, {"run", "--config", config}, {{"NOTIFY_SOCKET", manager.path()}}, under);
    EXPECT_FALSE(done.killed_at_deadline);
    EXPECT_THAT(manager.positions("READY=1"), IsEmpty());
    EXPECT_EQ(done.out, "");
    return done;
}

std::filesystem::path file_with(const std::string& config) {
    std::filesystem::path file = new_config_file();
    write_file(file, config);
    return file;
}

TEST(Process, EndsWhenThePortIsTaken) {
    const lab::Topology net;
    lab::ServerLoop loop;
    lab::start_stream_server(loop, {&net.client, lab::address_of("127.0.0.1"), http_port}, lab::silent());
    const lab::Completed done = fails_to_start(net, file_with(head() + plain("t", "10.0.0.1", 81)));
    EXPECT_EQ(done.status, 1);
    EXPECT_THAT(done.err, HasSubstr("cannot listen on 127.0.0.1:9797: Address already in use"));
}

TEST(Process, EndsWhenTheConfigIsBad) {
    const lab::Topology net;
    const auto file = file_with(head() + plain("t", "10.0.0.1", 81, "frobnicate = 1\n") + "[[zone]]\n");
    const lab::Completed done = fails_to_start(net, file);
    EXPECT_EQ(done.status, 2);
    EXPECT_THAT(done.err, ContainsRegex(file.string() + ":[0-9]+:[0-9]+: .*frobnicate"));
    EXPECT_THAT(done.err, ContainsRegex(file.string() + ":[0-9]+:[0-9]+: .*zone")) << "every error";
    EXPECT_EQ(fails_to_start(net, file.string() + ".missing").status, 2);
}

TEST(Process, EndsWhenItMustCaptureAndCannot) {
    const lab::Topology net;
    const lab::Completed done =
        fails_to_start(net, file_with(head({}, {}, http_port, "enabled = true\n")), without_net_raw);
    EXPECT_EQ(done.status, 3);
    EXPECT_THAT(done.err, HasSubstr("capture.enabled"));
}

TEST(Process, WatchesWithoutHttp) {
    const lab::Topology net;
    std::string config = head() + plain("t", "10.0.0.1", 81);
    config.replace(config.find("127.0.0.1:9797"), std::string("127.0.0.1:9797").size(), "");
    const Daemon daemon(net, config);
    daemon.await_record("the first verdict", [](const LogRecord& record) {
        return record.event == "change" && record.text("cause") == "connection_refused";
    });
    EXPECT_FALSE(Connection(net.client, http_port).connected());
    EXPECT_EQ(daemon.status({}).status, 3);
}

}  // namespace
}  // namespace whylink::daemon_test
