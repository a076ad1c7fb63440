// What the daemon remembers: what changed before a failure, and since when, whatever ends it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "config_text.hpp"
#include "daemon.hpp"
#include "lab.hpp"

namespace whylink::daemon_test {
namespace {

using testing::HasSubstr;

constexpr const char* names = "moved.corp.test A 10.0.0.1\n";
constexpr const char* names_moved = "moved.corp.test A 10.0.0.3\n";

LogRecord failure_of(const Daemon& daemon, const std::string& name) {
    return daemon.await_record(name + " is unhealthy", [&name](const LogRecord& record) {
        return record.event == "change" && record.text("name") == name && record.text("healthy") == "false";
    });
}

TEST(Remembered, AFailureIsToldWithWhatChangedBeforeItAndNothingElse) {
    const lab::Topology net;
    NameServer dns(net, "10.0.0.53", names);
    Server steady(net, "10.0.0.1", 5432, lab::silent());
    Server stopped(net, "10.0.0.2", 5432, lab::silent());
    const Daemon daemon(net, head() + plain("moved", "moved.corp.test", 5432) +
                                 plain("stopped", "10.0.0.2", 5432) + plain("never", "10.0.0.3", 5432));
    daemon.await_ready();
    dns.start(names_moved);
    stopped.stop();
    EXPECT_THAT(failure_of(daemon, "moved").message, HasSubstr("; changed: address 10.0.0.1 → 10.0.0.3"));
    EXPECT_THAT(failure_of(daemon, "stopped").message, HasSubstr("; nothing changed before it"));
    EXPECT_THAT(failure_of(daemon, "never").message, HasSubstr("; never healthy so far"));
    EXPECT_THAT(daemon.status({"moved"}).out, HasSubstr("Changed: address 10.0.0.1 →"));
}

TEST(Remembered, SinceWhenSurvivesAKill) {
    const lab::Topology net;
    Server steady(net, "10.0.0.1", 5432, lab::silent());
    const std::map<std::string, std::string> state{{"STATE_DIRECTORY", new_config_file().parent_path()}};
    const std::string config = head() + plain("steady", "10.0.0.1", 5432) + plain("dead", "10.0.0.3", 5432);
    const auto since = [](const Metrics& metrics, const std::string& name) {
        return metrics.value("whylink_state_since_timestamp_seconds", {{"name", name}});
    };
    Metrics before;
    {
        Daemon daemon(net, config, {.environment = state});
        before = daemon.await_ready();
        EXPECT_TRUE(poll_until([&] {
            const std::string history = run_whylink(net, {"history", "--format", "json"}, state).out;
            return history.find("\"steady\"") != std::string::npos &&
                   history.find("connection_refused") != std::string::npos;
        }));
        daemon.signal(SIGKILL);
        EXPECT_EQ(daemon.wait(), 128 + SIGKILL);
    }
    const Daemon daemon(net, config, {.environment = state});
    const Metrics after = daemon.await_ready();
    for (const std::string name : {"steady", "dead"}) {
        ASSERT_TRUE(since(before, name).has_value());
        EXPECT_EQ(since(after, name), since(before, name)) << name;
    }
    EXPECT_EQ(after.value("whylink_history_up", {}), 1);
}

}  // namespace
}  // namespace whylink::daemon_test
